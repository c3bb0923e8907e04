"""The small values of a handbook: what is taken, and the words in which the rest is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from oncall_assets.handbook.regions import unknown_region
from oncall_assets.handbook.values import (
    CheckName,
    Duration,
    Email,
    Handoff,
    Host,
    Hour,
    Name,
    Phone,
    Size,
    Url,
    Variable,
    Zone,
)


def refusal(kind: Any, value: object) -> str:
    """The handbook's words for why `value` is not a `kind`."""
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(value)
    return str(error.value.errors()[0]["ctx"]["error"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", timedelta(minutes=30)),
        ("1 minute", timedelta(minutes=1)),
        ("4h", timedelta(hours=4)),
        ("2 hours", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("10 days", timedelta(days=10)),
        ("1 week", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("3660 days", timedelta(days=3660)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    assert expected == TypeAdapter(Duration).validate_python(text)


@pytest.mark.parametrize(
    "text", ["", "week", "0h", "-1h", "1.5h", "1 month", "1  h", "1 H", "7", 7, None, "9" * 7 + "w"]
)
def test_anything_else_is_no_duration(text: object) -> None:
    expected = f"{text!r} is not a duration; expected one such as 30m, 4h, 1 day or 2 weeks"

    assert expected == refusal(Duration, text)


def test_a_duration_beyond_any_calendar_is_refused() -> None:
    assert "'999999w' is too long; expected ten years at most" == refusal(Duration, "999999w")


@pytest.mark.parametrize("text", ["00:00", "09:30", "23:59"])
def test_an_hour_has_two_digits_and_two_more(text: str) -> None:
    assert text == TypeAdapter(Hour).validate_python(text)


@pytest.mark.parametrize("text", ["24:00", "9:00", "09:60", "09:00:00", "0900", "", "09:00\n"])
def test_anything_else_is_no_hour(text: str) -> None:
    assert f"{text!r} is not a time of day; expected HH:MM such as 09:00" == refusal(Hour, text)


@pytest.mark.parametrize("text", ["mon 09:00", "Monday 09:00", ""])
def test_a_hand_off_begins_with_a_weekday_in_full(text: str) -> None:
    assert f"{text!r} begins with no weekday; expected one such as `monday 09:00`" == refusal(Handoff, text)


def test_a_hand_off_names_its_hour() -> None:
    assert "monday 09:00" == TypeAdapter(Handoff).validate_python("monday 09:00")
    assert "09:00" == TypeAdapter(Handoff).validate_python("09:00"), (
        "turns that are not whole weeks have no weekday"
    )
    assert "'' is not a time of day; expected HH:MM such as 09:00" == refusal(Handoff, "monday")


@pytest.mark.parametrize("text", ["+1 555 0100", "+44 20 7946 0102", "+49 (30) 123-456"])
def test_a_phone_number_begins_with_its_country(text: str) -> None:
    assert text == TypeAdapter(Phone).validate_python(text)


def test_a_phone_number_without_quotes_or_country_is_refused() -> None:
    assert '15550100 is not text; put the number in quotes, as in "+1 555 0100"' == refusal(Phone, 15550100)
    assert "'555 0100' is not a phone number; expected one such as \"+1 555 0100\"" == refusal(Phone, "555 0100")


@pytest.mark.parametrize(
    "text", ["alice", "alice@localhost", "a b@example.com", "alice@example.com\n", "a@b@example.com"]
)
def test_an_address_is_one_that_dagster_takes_for_an_owner(text: str) -> None:
    assert f"{text!r} is not an e-mail address; expected one such as alice@example.com" == refusal(Email, text)


@pytest.mark.parametrize("text", ["", "a b", "a/b", "é", "x" * 64, "a\n"])
def test_a_name_fits_a_tag_of_dagster(text: str) -> None:
    assert "is not a name; expected 1 to 63 letters, digits, `_`, `.` or `-`" in refusal(Name, text)


@pytest.mark.parametrize("text", ["a-b", "a.b", ""])
def test_the_name_of_a_check_fits_dagster(text: str) -> None:
    assert f"{text!r} is not a check's name; expected 1 to 63 letters, digits or `_`" == refusal(CheckName, text)


@pytest.mark.parametrize("text", ["America", "Europe/Londn", "../etc/passwd", "", "/etc/passwd"])
def test_a_zone_is_one_of_the_database(text: str) -> None:
    assert refusal(Zone, text).startswith(f"{text!r} is not a time zone; expected a name such as America/New_York")


def test_a_zone_that_is_nearly_right_is_named() -> None:
    assert refusal(Zone, "Europe/Londn").endswith("; did you mean Europe/London?")
    assert refusal(Zone, "asia/kolkata").endswith("; did you mean Asia/Kolkata?")


@pytest.mark.parametrize("text", ["slack.com", "ftp://slack.com", "https://", "http://["])
def test_a_web_address_has_a_host(text: str) -> None:
    assert f"{text!r} is not a web address; expected one such as https://slack.com/api/" == refusal(Url, text)


def test_a_web_address_has_no_password_and_a_refusal_does_not_repeat_it() -> None:
    message = refusal(Url, "https://me:secret@slack.com")

    assert "has a user or a password in it; expected an address without, as https://slack.com/api/" == message


@pytest.mark.parametrize("text", ["https://slack.com/api/", "http://127.0.0.1:8080", "http://localhost:1/x?y"])
def test_a_web_address_may_be_local(text: str) -> None:
    assert text == TypeAdapter(Url).validate_python(text)


@pytest.mark.parametrize("region", ["US", "US-NY", "GB-ENG", "IN", "DE-BY"])
def test_a_region_is_a_country_or_one_of_its_parts(region: str) -> None:
    assert unknown_region(region) is None


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("UK", "'UK' names no country that is known; expected a code such as US or GB-ENG; near it are UA, UG, "),
        ("us-ny", "'us-ny' names no country that is known; expected a code such as US or GB-ENG; near it are UA"),
        ("", "'' names no country that is known; expected a code such as US or GB-ENG"),
        ("US-", "'US-' names no subdivision of US; expected a code such as US-AK"),
        ("GB-EN", "'GB-EN' names no subdivision of GB; expected a code such as GB-ENG; near it are GB-ENG"),
        ("SE-AB", "'SE-AB' has a subdivision, and none of SE is known; expected SE"),
    ],
)
def test_a_region_without_known_holidays_is_refused_with_those_near_it(region: str, expected: str) -> None:
    assert (unknown_region(region) or "").startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 GiB", 2**30),
        ("500MiB", 500 * 2**20),
        ("1 TiB", 2**40),
        ("1 MB", 10**6),
        ("2 GB", 2 * 10**9),
        ("3TB", 3 * 10**12),
    ],
)
def test_a_size_is_a_number_and_a_unit(text: str, expected: int) -> None:
    assert expected == TypeAdapter(Size).validate_python(text)


@pytest.mark.parametrize("text", ["", "GiB", "0 GiB", "1.5 GiB", "1 gib", "1 G", 1073741824, None, "1 KiB"])
def test_anything_else_is_no_size(text: object) -> None:
    assert f"{text!r} is not a size; expected one such as 500 MiB, 1 GiB or 2 TB" == refusal(Size, text)


@pytest.mark.parametrize("text", ["smtp.example.com", "localhost", "mail-1", "10.0.0.1", "::1", "2001:db8::25"])
def test_a_host_is_a_name_or_an_address(text: str) -> None:
    assert text == TypeAdapter(Host).validate_python(text)


@pytest.mark.parametrize(
    "text", ["smtp.example.com:587", "smtp://example.com", "a b", "", "-a", "a.", "user@host"]
)
def test_anything_else_is_no_host(text: str) -> None:
    expected = f"{text!r} is not a host; expected a name such as smtp.example.com, without a port"

    assert expected == refusal(Host, text)


@pytest.mark.parametrize("text", ["ONCALL_SMTP_PASSWORD", "PD_1", "a_b"])
def test_a_variable_is_named_in_words(text: str) -> None:
    assert text == TypeAdapter(Variable).validate_python(text)


@pytest.mark.parametrize(
    "secret",
    ["xoxb-17653672481-19874698323", "R028NMN4RMUJEARZ18IJLURLVNV7M8IO", "hunter2!", "", "A_", "1_A", "A_\n"],
)
def test_a_secret_written_for_its_variable_is_refused_and_not_shown(secret: str) -> None:
    words = refusal(Variable, secret)

    assert words.startswith("is not the name of an environment variable; expected a name with `_` in it")
    assert not secret or secret not in words
