"""An edition for three people, and what it takes to send it in this process or another."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path

from oncall_assets.handbook.team import EmailChannel, Team
from oncall_assets.incidents.ledger.database import Database
from oncall_assets.incidents.ledger.edition_records import (
    Claimed,
    CopyRecord,
    EditionRecord,
    NewCopy,
    NewEdition,
    Won,
)
from oncall_assets.incidents.ledger.editions import EditionBook
from oncall_assets.notify.smtp import Mailer
from oncall_assets.reports.post import CLAIM, copies_for, send
from oncall_assets_tests.notify.team import team
from oncall_assets_tests.smtp_server import SmtpServer

NOW = datetime(2026, 10, 7, 6, tzinfo=UTC)
REPORT, PERIOD = "aggregate_profit_daily", "2026-10-06"
SENDER = "reports@data.example.com"
ANN, BEN, CID = PEOPLE = ("ann@example.com", "ben@example.com", "cid@example.com")


def crowd() -> Team:
    """A team whose investors are ANN and BEN; its stakeholders are BEN, written in other letters, and CID."""
    audiences = {"investors": [ANN, BEN], "stakeholders": ["Ben@Example.com", CID]}
    return team({"console": {}}).model_copy(update={"audiences": audiences})


def copies(repeat: int = 0) -> tuple[NewCopy, ...]:
    """One for each of PEOPLE."""
    names = ("investors", "stakeholders")
    return copies_for(crowd(), names, report=REPORT, period=PERIOD, repeat=repeat, sender=SENDER)


def mail(copy: CopyRecord) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = SENDER, copy.address, "Profit"
    message["Message-ID"] = copy.message_id
    message.set_content("12.34 USD")
    return message.as_bytes()


def mailer(port: int, kind: type[Mailer] = Mailer) -> Mailer:
    """Speaks to a server of this machine, in the clear."""
    return kind(EmailChannel(host="127.0.0.1", port=port, security="none", sender=SENDER), None, timeout=5)


def begun(book: EditionBook, at: datetime, run_id: str) -> Claimed:
    new = NewEdition(REPORT, PERIOD, NOW, '{"repeat":0}', at, copies())
    return book.begin(new, run_id, at, at + CLAIM)


def post(url: str, port: int, at: datetime = NOW, run_id: str = "run 2") -> EditionRecord | Claimed:
    """What a run at that instant makes of the edition: as it is afterwards, or why this run may not send it."""
    with Database(url) as database:
        book = EditionBook(database)
        claimed = begun(book, at, run_id)
        return send(book, claimed.edition, mail, mailer(port), lambda: at) if isinstance(claimed, Won) else claimed


def arrived(server: SmtpServer) -> list[tuple[str, str]]:
    """Address and Message-ID of each mail that the server took, in order."""
    return [(one.recipients[0], str(one.mail["Message-ID"])) for one in server.received]


def states(edition: EditionRecord) -> dict[str, str]:
    return {copy.address: copy.state for copy in edition.copies}


@contextmanager
def other_process(url: str, port: int, dies: str = "", at: datetime = NOW) -> Iterator[subprocess.Popen[str]]:
    """A process that posts the edition as soon as it gets a line, and dies as `one_post` says."""
    module = "oncall_assets_tests.reports.one_post"
    script = [sys.executable, "-m", module, url, str(port), at.isoformat(), dies]
    process = subprocess.Popen(
        script, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
