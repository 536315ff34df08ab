"""Reads the event log by its codes. Knows no entity."""

from __future__ import annotations

import ovirtsdk4
from ovirtsdk4 import types

from .connection import wait_for


class EventReader:
    """Sees the events after its making."""

    def __init__(self, connection: ovirtsdk4.Connection) -> None:
        self.service = connection.system_service().events_service()
        newest = self.service.list(max=1)
        self.last = int(newest[0].id) if newest else 0

    def codes(self) -> list[int]:
        """The codes of the events so far, oldest first."""
        events: list[types.Event] = self.service.list(from_=self.last)
        return [event.code for event in sorted(events, key=lambda event: int(event.id))]

    def expect(self, *wanted: int, timeout: float = 20.0) -> None:
        """Waits until every code has been seen since the last call, then forgets the past."""
        missing = set(wanted)
        wait_for(lambda: missing - set(self.codes()), lambda left: not left, f"events {sorted(wanted)}", timeout=timeout)
        events = self.service.list(max=1)
        self.last = int(events[0].id)
