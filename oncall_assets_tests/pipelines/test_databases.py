"""What a driver says is repeated without the secrets in it, however the address spells them."""

from __future__ import annotations

import pytest

from oncall_assets.pipelines.databases import without_secret


@pytest.mark.parametrize(
    ("url", "said", "expected"),
    [
        ("postgresql://u:hunter2@db/x", "no server at postgresql://u:hunter2@db/x", "no server at (url)"),
        ("postgresql://u:hunter2@[db/x", "bad end of u:hunter2@[db/x", "bad end of u:(password)@[db/x"),
        ("postgresql://u:hun%40ter@db/x", "password hun@ter or hun%40ter", "password (password) or (password)"),
        ("postgresql:///x?host=db&password=hunter2", "bad option hunter2", "bad option (password)"),
        ("postgresql://db/x", "no server", "no server"),
    ],
)
def test_no_password_is_repeated(url: str, said: str, expected: str) -> None:
    assert expected == without_secret(said, url)
