"""An edition as the e-mail that one recipient gets: to be read anywhere, and kept with its figures as a table."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import format_datetime

from oncall_assets.notify.mime import mailbox, unanswered
from oncall_assets.reports.edition import Edition
from oncall_assets.reports.rendering.dates import period_name
from oncall_assets.reports.rendering.html import as_html, content_id
from oncall_assets.reports.rendering.pictures import picture
from oncall_assets.reports.rendering.table import as_csv
from oncall_assets.reports.rendering.text import as_text
from oncall_assets.reports.rendering.wording import subject


def as_mail(edition: Edition, sender: str, recipient_name: str, address: str, message_id: str) -> EmailMessage:
    """Plain text, or HTML with its pictures, and the figures as an attached CSV.

    multipart/mixed of multipart/alternative of the text and of multipart/related (RFC 2387) of HTML and PNGs.
    Raises ValueError where an address or `message_id` (in angle brackets) would break its header.
    """
    mail = unanswered()
    mail["From"] = mailbox(edition.team, sender)
    mail["To"] = mailbox(recipient_name, address)
    mail["Subject"] = subject(edition)
    mail["Date"] = format_datetime(edition.composed_at)
    mail["Message-ID"] = message_id
    mail.set_content(as_text(edition), cte="quoted-printable")
    mail.add_alternative(as_html(edition, pictures="cid"), subtype="html", cte="quoted-printable")
    *_, page = mail.iter_parts()
    for number, figure in enumerate(edition.figures, start=1):
        if image := picture(figure, edition):
            cid, filename = f"<{content_id(edition, figure)}>", f"figure-{number}.png"
            page.add_related(image, "image", "png", cid=cid, disposition="inline", filename=filename)
    # With a byte order mark, without which Excel reads letters beyond ASCII wrong.
    table = as_csv(edition).encode("utf-8-sig")
    mail.add_attachment(table, "text", "csv", filename=_file_name(edition), params={"charset": "utf-8"})
    return mail


def _file_name(edition: Edition) -> str:
    return re.sub(
        r"[^\w.-]", "_", f"{edition.report}_{period_name(edition.first, edition.last)}.csv", flags=re.ASCII
    )
