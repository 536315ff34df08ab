"""A client with one open connection and no work of its own, so that times are the server's. Knows paths only as its callers do."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.parse

from ferrolab.engine import Access
from ferrolab.errors import LabError


class RawClient:
    """Signs in once and keeps its connection."""

    def __init__(self, access: Access) -> None:
        address = urllib.parse.urlsplit(access.url)
        context = ssl.create_default_context(cafile=str(access.ca_file))
        self.connection = http.client.HTTPSConnection(address.hostname, address.port or 443, context=context, timeout=60)
        form = urllib.parse.urlencode({"grant_type": "password", "scope": "ovirt-app-api", "username": access.user,
                                       "password": access.password})
        reply = self._exchange("POST", "/ovirt-engine/sso/oauth/token", form.encode(), {
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"})
        self.headers = {"Authorization": f"Bearer {json.loads(reply)['access_token']}", "Version": "4",
                        "Content-Type": "application/xml", "Accept": "application/xml"}

    def _exchange(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> bytes:
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        content = reply.read()
        if reply.status not in (200, 201, 202):
            raise LabError(f"{method} {path}: {reply.status} {content[:300].decode(errors='replace')}")
        return content

    def request(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """A request below /ovirt-engine/api."""
        return self._exchange(method, f"/ovirt-engine/api{path}", body, self.headers)

    def times(self, path: str, count: int) -> list[float]:
        """Seconds of each of `count` GETs, after a few that warm the server."""
        for _ in range(max(3, count // 20)):
            self.request("GET", path)
        seconds = []
        for _ in range(count):
            started = time.perf_counter()
            self.request("GET", path)
            seconds.append(time.perf_counter() - started)
        return seconds

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()
