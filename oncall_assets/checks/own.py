"""A team's own rules: functions of theirs, found and tried before a night depends on them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from oncall_assets.checks.rules.evidence import Evidence, Verdict
from oncall_assets.handbook import rules as written
from oncall_assets.handbook.problem import did_you_mean, first_line


def own_rule(rule: written.Own, evidence: Evidence) -> Verdict:
    """What the team's function says.

    Whatever it raises goes on to the caller, and Dagster tells that the check could not run; it raises Unjudged to
    say that it cannot be applied. Raises TypeError if it answers with anything but a Verdict.
    """
    verdict = _function(rule.function)(evidence, **rule.arguments)
    if not isinstance(verdict, Verdict):
        kind = "nothing" if verdict is None else f"a {type(verdict).__name__}"
        raise TypeError(f"{rule.function} returned {kind}; expected a Verdict of oncall_assets.checks")
    return verdict


def own_problem(rule: written.Own) -> str | None:
    """Why the function cannot be used, with what was expected; None if it can. Imports its module."""
    module, _, name = rule.function.rpartition(".")
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            expected = "expected one that Python finds: in an installed package, or in a folder on PYTHONPATH"
            return f"there is no module {error.name}; {expected}"
        return _unusable(module, error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module of somebody else's may raise anything
        return _unusable(module, error)
    if not hasattr(found, name):
        functions = [other for other, value in vars(found).items() if inspect.isfunction(value)]
        return f"{module} has no function {name}; expected `def {name}(evidence, …)` there" + did_you_mean(
            name, functions
        )
    function = getattr(found, name)
    if not callable(function):
        return f"{rule.function} is {type(function).__name__} and cannot be called; expected a function"
    return _misfit(rule, function)


def _function(path: str) -> Callable[..., object]:
    module, _, name = path.rpartition(".")
    function: Callable[..., object] = getattr(import_module(module), name)
    return function


def _unusable(module: str, error: BaseException) -> str:
    return f"importing {module} raises {type(error).__name__}: {first_line(error)}; expected a module that loads"


def _misfit(rule: written.Own, function: Callable[..., Any]) -> str | None:
    """Why the arguments do not fit the function's signature; None where they do, or where it does not tell."""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return None
    try:
        signature.bind(None, **rule.arguments)
    except TypeError as error:
        asked = ", ".join(str(one.replace(annotation=one.empty)) for one in signature.parameters.values())
        return f"{rule.function} does not fit: {error}; expected what it asks for, ({asked})"
    return None
