"""Dagster's daemons on a code location of a test, one round at a time, as their own loops make them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import dagster as dg
from dagster._core.test_utils import freeze_time
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import PythonFileTarget
from dagster._daemon.controller import create_daemon_grpc_server_registry
from dagster._daemon.freshness import FreshnessDaemon
from dagster._daemon.sensor import execute_sensor_iteration


@contextmanager
def code_location(instance: dg.DagsterInstance, code: Path) -> Iterator[WorkspaceProcessContext]:
    """The code location of the file `code`, in a process of its own that is over when this is."""
    target = PythonFileTarget(str(code), None, str(code.parent), "here")
    registry = create_daemon_grpc_server_registry(instance)
    with registry, WorkspaceProcessContext(instance, target, grpc_server_registry=registry) as workspace:
        yield workspace
    registry.wait_for_processes()


def round_of_sensors(workspace: WorkspaceProcessContext, now: datetime) -> None:
    with freeze_time(now):
        list(execute_sensor_iteration(workspace, logging.getLogger("sensors"), None, None))


def round_of_freshness(workspace: WorkspaceProcessContext, now: datetime) -> None:
    with freeze_time(now):
        list(FreshnessDaemon().run_iteration(workspace))
