"""How soon a fault is at the chat server: from the moment it is stored, in a real `dagster dev`.

`python benchmarks/latency.py [FAULTS]` plants failed checks (100 unless told otherwise) for this project's pager,
and as many failed runs for dagster-slack's `make_slack_on_run_failure_sensor`, which no failed check can reach.
Both watch the same instance in the same minutes.
"""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg
from dagster._core.utils import make_new_run_id

from benchmarks.slack_over_tls import SlackOverTls
from oncall_assets_tests.dagster_dev import ROOT, Dev
from oncall_assets_tests.slack_server import SlackServer, slack_server

_PAUSE = (0.5, 3.5)
_PATIENCE = 120.0


def main(faults: int) -> None:
    """Prints a line for each of the three sensors."""
    with tempfile.TemporaryDirectory() as folder, slack_server() as slack:
        rival = SlackOverTls(Path(folder))
        dev = _started(Path(folder), slack, rival)
        try:
            _measure(dev, Path(folder), slack, rival, faults)
        finally:
            dev.close()


def _started(folder: Path, slack: SlackServer, rival: SlackOverTls) -> Dev:
    home = folder / "home"
    home.mkdir()
    book = folder / "runbooks"
    shutil.copytree(ROOT / "runbooks", book)
    team = (book / "team.yaml").read_text()
    team = team.replace("  console: {}\n", "").replace("  slack: {}\n", f"  slack: {{base_url: '{slack.url}'}}\n")
    # A hundred incidents in minutes are a storm, for which a person gets a digest; here each is timed.
    (book / "team.yaml").write_text(_without_limits(team))
    workspace = folder / "workspace.yaml"
    workspace.write_text(
        "load_from:\n"
        "  - python_module: {module_name: oncall_assets.definitions, location_name: oncall_assets}\n"
        f"  - python_file: {ROOT / 'benchmarks' / 'latency_rival.py'}\n"
    )
    environment = {"ONCALL_SLACK_TOKEN": "xoxb-of-the-benchmark", **rival.environment}
    return Dev(home, book, environment, workspace)


def _without_limits(team: str) -> str:
    kept = [line for line in team.splitlines() if not line.startswith("limits:")]
    return "\n".join([*kept, "limits: {messages: 100000, within: 1m}", ""])


def _measure(dev: Dev, folder: Path, slack: SlackServer, rival: SlackOverTls, faults: int) -> None:
    dev.wait_for("the pager's first rounds", lambda: dev.ticks() >= 2)
    with dg.DagsterInstance.from_config(str(folder / "home" / "dagster")) as instance:
        pattern = _failed_run(dev, instance)
        dev.wait_for("the rival's first message", lambda: len({name for name, _, _ in rival.arrivals}) == 2)
        chance = random.Random(7)
        stored: dict[str, float] = {}
        runs: dict[str, float] = {}
        for number in range(faults):
            stored[f"planted_{number:04}"] = _fail_check(instance, f"planted_{number:04}")
            time.sleep(chance.uniform(*_PAUSE))
            run = _fail_run(instance, pattern)
            runs[run] = time.time()
            time.sleep(chance.uniform(*_PAUSE))
        _until(lambda: len(_pages(slack, stored)) == faults)
        _until(lambda: all(len(_told(rival, name, runs)) == faults for name in ("as_it_comes", "every_second")))
    _print("oncall_assets, failed checks", _delays(stored, _pages(slack, stored)), faults)
    for name, often in (("every_second", "every second"), ("as_it_comes", "as it comes")):
        _print(f"dagster-slack, failed runs, {often}", _delays(runs, _told(rival, name, runs)), faults)


def _failed_run(dev: Dev, instance: dg.DagsterInstance) -> dg.DagsterRun:
    """A run that really failed, as the pattern of those that are planted."""
    location = {"repositoryLocationName": "latency_rival.py", "repositoryName": "__repository__"}
    run_id = dev.launch("planted", date(2026, 1, 1), location)
    dev.wait_for("a failed run", lambda: dev.status(run_id) == "FAILURE")
    run = instance.get_run_by_id(run_id)
    if run is None:
        raise LookupError(run_id)
    return run


def _fail_run(instance: dg.DagsterInstance, pattern: dg.DagsterRun) -> str:
    run = replace_run(pattern)
    instance.add_run(run)
    instance.report_run_failed(run, "planted")
    return run.run_id


def replace_run(pattern: dg.DagsterRun) -> dg.DagsterRun:
    """A run of the same job that has not begun."""
    return pattern._replace(run_id=make_new_run_id(), status=dg.DagsterRunStatus.STARTED)


def _fail_check(instance: dg.DagsterInstance, name: str) -> float:
    key = dg.AssetKey(name)
    instance.report_runless_asset_event(dg.AssetCheckEvaluation(asset_key=key, check_name=name, passed=False))
    return time.time()


def _pages(slack: SlackServer, stored: dict[str, float]) -> dict[str, float]:
    """When the page about each planted check arrived."""
    arrived = [(str(one.message["text"]), one.at) for one in slack.received]
    return {name: at for name in stored for text, at in arrived if f"{name} failed on {name}" in text}


def _told(rival: SlackOverTls, name: str, runs: dict[str, float]) -> dict[str, float]:
    arrived = [(text, at) for channel, text, at in rival.arrivals if channel == f"#{name}"]
    return {run: at for run in runs for text, at in arrived if run in text}


def _delays(stored: dict[str, float], arrived: dict[str, float]) -> list[float]:
    return sorted(max(arrived[name] - at, 0.0) for name, at in stored.items() if name in arrived)


def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not done() and time.monotonic() < end:
        time.sleep(0.5)


def _print(title: str, delays: list[float], faults: int) -> None:
    if not delays:
        print(f"{title:<42} told of none of {faults}")
        return
    cuts = statistics.quantiles(delays, n=100, method="inclusive")
    found = {"median": statistics.median(delays), "p90": cuts[89], "p99": cuts[98], "longest": delays[-1]}
    figures = ", ".join(f"{name} {seconds:5.2f} s" for name, seconds in found.items())
    print(f"{title:<42} {len(delays)} of {faults}: {figures}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
