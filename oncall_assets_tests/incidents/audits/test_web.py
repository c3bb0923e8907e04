"""Code locations that do not load, as a real web server tells it, and web servers that tell nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from oncall_assets.handbook.escalation import Watch
from oncall_assets.incidents.audits.finding import Sight
from oncall_assets.incidents.audits.web import WebLook
from oncall_assets_tests.incidents.audits.world import NOW, WebServer, dagster_home, environment, web_server

PATIENCE = 90.0


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def look(url: str) -> Sight:
    return WebLook(url)(Watch(), NOW)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_code_locations_that_load_are_well(web: WebServer) -> None:
    assert Sight() == look(web.url)


def test_each_code_location_that_does_not_load_is_named_with_the_first_line_of_its_error(web: WebServer) -> None:
    web.errors = {"sound": None, "one": "\nModuleNotFoundError: no x\n\nStack Trace:\n", "two": "SyntaxError!"}
    one, two = look(web.url).findings
    assert ("location one", "The code location one does not load") == (one.key, one.title)
    assert one.detail.startswith("ModuleNotFoundError: no x. Its sensors")
    assert "location two" == two.key
    assert two.detail.startswith("SyntaxError! Its sensors")


def test_a_code_location_that_is_still_loading_is_not_broken(web: WebServer) -> None:
    entries = [{"name": "slow", "locationOrLoadError": None}]
    workspace = {"__typename": "Workspace", "locationEntries": entries}
    web.body = json.dumps({"data": {"workspaceOrError": workspace}}).encode()
    assert Sight() == look(web.url)


def test_a_web_server_that_nobody_runs_is_its_own_finding_and_hides_the_locations() -> None:
    sight = look(f"http://127.0.0.1:{free_port()}")
    (finding,) = sight.findings
    assert ("web", "Dagster's web server does not answer") == (finding.key, finding.title)
    assert finding.detail.endswith("was not reached: [Errno 111] Connection refused")
    assert {"location"} == sight.blind


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, b"<html>Log in</html>", "answered 401 and no list of code locations"),
        (200, b'{"errors": [{"message": "no such field"}]}', "answered 200 and no list of code locations"),
        (200, b"[]", "answered 200 and no list of code locations"),
    ],
)
def test_an_answer_that_is_no_list_of_code_locations_is_a_finding(
    web: WebServer, status: int, body: bytes, expected: str
) -> None:
    web.status, web.body = status, body
    sight = look(web.url)
    (finding,) = sight.findings
    assert "web" == finding.key
    assert expected in finding.detail
    assert {"location"} == sight.blind


def test_a_workspace_that_does_not_load_is_a_finding(web: WebServer) -> None:
    broken = {"__typename": "PythonError", "message": "OSError: no workspace\nmore", "causes": []}
    web.body = json.dumps({"data": {"workspaceOrError": broken}}).encode()
    (finding,) = look(web.url).findings
    assert ("web", "OSError: no workspace.") == (finding.key, finding.detail)


def test_a_real_web_server_tells_of_a_code_location_that_raises(tmp_path: Path) -> None:
    (tmp_path / "sound.py").write_text("import dagster as dg\ndefs = dg.Definitions()\n")
    (tmp_path / "broken.py").write_text("raise ValueError('the ledger is not there')\n")
    load = [
        {"python_file": {"relative_path": f"{name}.py", "location_name": name}} for name in ("sound", "broken")
    ]
    (tmp_path / "workspace.yaml").write_text(json.dumps({"load_from": load}))
    port = free_port()
    log = (tmp_path / "web.log").open("w")
    command = [sys.executable, "-m", "dagster_webserver", "-w", "workspace.yaml", "-p", str(port)]
    web = subprocess.Popen(
        command,
        env=environment(DAGSTER_HOME=str(dagster_home(tmp_path / "home"))),
        cwd=tmp_path,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        end = time.monotonic() + PATIENCE
        while (sight := look(f"http://127.0.0.1:{port}")).blind:
            assert web.poll() is None, (tmp_path / "web.log").read_text()
            assert time.monotonic() < end, sight
            # A poll of another process, bounded above: there is nothing to be notified by.
            time.sleep(0.2)
        (finding,) = sight.findings
        assert "location broken" == finding.key
        assert "ValueError: the ledger is not there" in finding.detail
    finally:
        web.terminate()
        web.wait(30)
        log.close()
