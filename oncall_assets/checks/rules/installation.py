"""Rules about what the figures are computed on: a full disk stops them, another library may change them."""

from __future__ import annotations

from oncall_assets.checks.rules.evidence import SAMPLE_ROWS, Evidence, Unjudged, Verdict
from oncall_assets.checks.rules.facts import Installation
from oncall_assets.checks.rules.pins import Pin, read_pins
from oncall_assets.handbook import rules as written

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def headroom(rule: written.Headroom, evidence: Evidence) -> Verdict:
    """Bytes that may still be written: what is free, or what is left of the quota if that is less."""
    installation = _installation(evidence)
    free = installation.free()
    threshold = f"at least {_size(rule.at_least)}"
    if rule.quota is None:
        sentence = f"{_size(free)} are free where the tables are kept."
        return Verdict(free >= rule.at_least, free, threshold, sentence)
    left = rule.quota - installation.used()
    of_quota = f"the quota of {_size(rule.quota)}"
    rest = f"{_size(left)} of {of_quota} are left" if left >= 0 else f"{of_quota} is exceeded by {_size(-left)}"
    sentence = f"{_size(free)} are free where the tables are kept, and {rest}."
    return Verdict(min(free, left) >= rule.at_least, min(free, left), threshold, sentence)


def environment(rule: written.Environment, evidence: Evidence) -> Verdict:
    """How many of the pinned libraries are installed in another version, or not at all."""
    installation = _installation(evidence)
    pins = read_pins(installation.handbook(), rule.pins, rule.packages)
    found = [(pin, installation.installed(pin.name)) for pin in pins]
    wrong = [(pin, version) for pin, version in found if not pin.met_by(version)]
    threshold = f"as pinned in {rule.pins}"
    if not wrong:
        which = f"All {len(pins)} pinned libraries are" if len(pins) > 1 else f"{pins[0].name} is"
        return Verdict(True, 0, threshold, f"{which} installed as {rule.pins} says.")
    named = ", ".join(_difference(pin, version) for pin, version in wrong[:SAMPLE_ROWS])
    more = f" and {len(wrong) - SAMPLE_ROWS} more" if len(wrong) > SAMPLE_ROWS else ""
    sentence = f"{len(wrong)} of {len(pins)} libraries differ from {rule.pins}: {named}{more}."
    rows = tuple(
        {"library": pin.name, "installed": version or "", "pinned": pin.version}
        for pin, version in wrong[:SAMPLE_ROWS]
    )
    return Verdict(False, len(wrong), threshold, sentence, rows)


def _installation(evidence: Evidence) -> Installation:
    if evidence.facts.installation is None:
        raise Unjudged("nothing is known of the disk and the libraries here")
    return evidence.facts.installation


def _difference(pin: Pin, version: str | None) -> str:
    return f"{pin.name} is {version or 'not installed'}, pinned {pin.version}"


def _size(count: int) -> str:
    """`4.99 GiB`, in the largest unit of which there is one; cut, so that too little never reads as enough."""
    power = min(max(count.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{count * 100 // 1024**power / 100:,g} {_UNITS[power]}"
