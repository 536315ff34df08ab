"""Signs in, and polls. Knows no entity."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import ovirtsdk4

from ferrolab.engine import Access
from ferrolab.errors import LabError

Seen = TypeVar("Seen")
PROXY_VARIABLES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


@contextmanager
def connect(access: Access) -> Iterator[ovirtsdk4.Connection]:
    """A signed-in connection, closed at the end."""
    for variable in PROXY_VARIABLES:
        os.environ.pop(variable, None)
    connection = ovirtsdk4.Connection(
        url=access.url, username=access.user, password=access.password, ca_file=str(access.ca_file), timeout=60)
    try:
        yield connection
    finally:
        connection.close()


def wait_for(read: Callable[[], Seen], accept: Callable[[Seen], bool], what: str, *, timeout: float = 120.0,
             period: float = 0.5, refuse: Callable[[Seen], bool] = lambda _seen: False) -> Seen:
    """Polls `read` until `accept` likes what it sees; what `refuse` recognises can't become good any more."""
    deadline = time.monotonic() + timeout
    while True:
        seen = read()
        if accept(seen):
            return seen
        if refuse(seen) or time.monotonic() > deadline:
            status = getattr(seen, "status", None) or getattr(seen, "phase", None) or seen
            reason = "can't happen any more" if refuse(seen) else f"did not happen within {timeout:.0f} s"
            raise LabError(f"{what}: {reason}; last seen: {status}")
        time.sleep(period)


def by_name(service: object, name: str) -> object | None:
    """The one entity of that name in a searchable collection; None when there is none."""
    found = [entity for entity in service.list(search=f'name="{name}"') if entity.name == name]
    return found[0] if found else None
