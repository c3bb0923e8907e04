"""What the courier's workers did and could not do, told as soon as it is known: a worker may outlive its round."""

from __future__ import annotations

from threading import Lock

from oncall_assets.notify.message import oneline

_TROUBLE_LIMIT = 500


class Tally:
    """Counted by several threads at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sent = 0
        self._troubles: list[str] = []

    def sent(self, letters: int) -> None:
        with self._lock:
            self._sent += letters

    def trouble(self, text: str) -> None:
        """Keep one line of it: what a server answered may hold anything."""
        line = oneline(text, _TROUBLE_LIMIT)
        with self._lock:
            self._troubles.append(line)

    def take(self) -> tuple[int, tuple[str, ...]]:
        """Letters sent, and troubles, since the last time."""
        with self._lock:
            taken = self._sent, tuple(self._troubles)
            self._sent, self._troubles = 0, []
        return taken
