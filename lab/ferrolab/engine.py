"""Installs and starts the engine and the host agents of a lab, as an administrator would. Knows their command lines, and of the
API behind them only the pages that answer before anyone has signed in, and the one that gives tokens.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from . import datacentre, hostfiles
from .command import run
from .errors import LabError
from .layout import HostLayout, LabLayout
from .process import wait_until

ENGINE_SERVICE = "engine"
AGENT_SERVICE = "30-agent"
LIBVIRT_SERVICE = "20-libvirtd"
HEALTHY = b"DB Up!Welcome to Health Status!"
SETUP_SECONDS = 180.0
START_SECONDS = 60.0
AGENT_CONFIG = Path("/etc/ferrovirt/host.toml")
AGENT_SECONDS = 30.0

# Emulation always: a machine may offer /dev/kvm and still not run guests on it. The folder that the hosts share is one local
# file system, which libvirt can't know to be shared.
HOST_TOML = """\
state_dir = "/var/lib/ferrovirt"
run_dir = "/run/ferrovirt"
listen = "0.0.0.0:54321"
transfer_listen = "0.0.0.0:54322"
virtualization = "tcg"
libvirt_uri = "qemu:///system"
storage_root = "/rhev/data-center/mnt"
address = "{address}"
migration_libvirt_uri = "qemu+tls://{{address}}/system?pkipath={certificates}"
local_test_unsafe_migration = true
"""


@dataclass(frozen=True)
class Access:
    """What a client needs to use the API."""

    url: str
    user: str
    password: str = field(repr=False)
    ca_file: Path

    @property
    def base(self) -> str:
        """The address that the API, sign-on and services are below."""
        return self.url.removesuffix("/api")

    def environment(self) -> dict[str, str]:
        """The variables that `lab.env` holds."""
        return {"FERROVIRT_URL": self.url, "FERROVIRT_USER": self.user, "FERROVIRT_PASSWORD": self.password,
                "FERROVIRT_CA": str(self.ca_file)}

    def request(self, method: str, path: str, body: dict[str, object] | None = None, timeout: float = 30.0) -> bytes:
        """A request below `base` with the password and JSON both ways."""
        words = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            self.base + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {words}", "Content-Type": "application/json", "Accept": "application/json"})
        try:
            with opener(ssl.create_default_context(cafile=str(self.ca_file))).open(request, timeout=timeout) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            raise LabError(f"{method} {path}: {error.code} {error.read()[:500].decode(errors='replace')}") from error
        except OSError as error:
            raise LabError(f"{method} {path}: {error}") from error


def opener(context: ssl.SSLContext) -> urllib.request.OpenerDirector:
    """Requests go straight to the lab, whatever proxy this machine is told to use."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))


def install(lab: LabLayout, binaries: Path) -> bool:
    """Copies the programs into the lab, as a package would; True when one of them is new there."""
    folder = lab.state / "bin"
    folder.mkdir(exist_ok=True)
    changed = False
    for name in ("ferrovirt-engine", "ferrovirt-host"):
        source, target = binaries / name, folder / name
        if not source.exists():
            raise LabError(f"{source} is missing; run `make build`.")
        if target.exists() and target.stat().st_mtime_ns == source.stat().st_mtime_ns:
            continue
        unfinished = folder / f"{name}-new"
        shutil.copy2(source, unfinished)
        unfinished.replace(target)
        changed = True
    return changed


def start(lab: LabLayout) -> Access:
    """Sets the engine up, keeps it running and waits until it serves."""
    folder = lab.engine_folder
    password_file = folder / "admin-password"
    if not password_file.exists():
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(12))
    program = str(lab.state / "bin/ferrovirt-engine")
    data = ["--data-dir", str(folder / "data")]
    if datacentre.recorded(lab, "engine") is None:
        run([program, *data, "setup", "--fqdn", lab.engine_address, "--admin-password-file", str(password_file),
             "--listen-address", lab.engine_address], timeout=SETUP_SECONDS)
        datacentre.write_service(folder / "services", ENGINE_SERVICE, [program, *data, "run"])
        datacentre.start_supervisor(lab, "engine", folder)
    access = Access(f"https://{lab.engine_address}/ovirt-engine/api", "admin@internal",
                    password_file.read_text().strip(), folder / "ca.pem")
    wait_until_healthy(lab)
    fetch_ca(lab, access)
    return access


def healthy(lab: LabLayout) -> bool:
    """Whether the engine says that it and its database serve."""
    try:
        # The CA is not known before the engine made it, and this page says nothing worth forging.
        context = ssl._create_unverified_context()  # noqa: S323
        with opener(context).open(f"https://{lab.engine_address}/ovirt-engine/services/health", timeout=5.0) as reply:
            return reply.read() == HEALTHY
    except (OSError, urllib.error.URLError):
        return False


def wait_until_healthy(lab: LabLayout) -> None:
    """Waits for the engine."""
    if not wait_until(lambda: healthy(lab), START_SECONDS, 0.1):
        log = datacentre.tail(lab.engine_folder / f"logs/{ENGINE_SERVICE}.log")
        raise LabError(f"The engine does not serve within {START_SECONDS:.0f} s: {log}")


def fetch_ca(lab: LabLayout, access: Access) -> None:
    """Stores the CA's certificate where clients of the lab expect it."""
    page = f"https://{lab.engine_address}/ovirt-engine/services/pki-resource?resource=ca-certificate&format=X509-PEM-CA"
    with opener(ssl._create_unverified_context()).open(page, timeout=10.0) as reply:  # noqa: S323
        certificate = reply.read()
    if b"BEGIN CERTIFICATE" not in certificate:
        raise LabError("The engine's pki-resource page gives no certificate.")
    access.ca_file.write_bytes(certificate)


def join(lab: LabLayout, host: HostLayout, access: Access, cluster: str) -> None:
    """Joins a host by a one-time token and keeps its agent running; a host that joined before is left alone."""
    if host.joined_file.exists():
        return
    config = host.private(Path("/etc")) / AGENT_CONFIG.relative_to("/etc")
    config.parent.mkdir(exist_ok=True)
    config.write_text(HOST_TOML.format(address=host.address, certificates=hostfiles.CERTIFICATES))
    program = str(lab.state / "bin/ferrovirt-host")
    reply = json.loads(access.request("POST", "/services/host-join-tokens", {"cluster": cluster, "lifetime_seconds": 600}))
    datacentre.inside(host, [program, "--config", str(AGENT_CONFIG), "join", "--token", reply["token"],
                             "--address", host.address], check=True)
    datacentre.write_service(host.services, AGENT_SERVICE, [program, "--config", str(AGENT_CONFIG), "run"])
    listen_with_certificate(host)
    host.joined_file.touch()


def listen_with_certificate(host: HostLayout) -> None:
    """Starts libvirtd anew with the certificate that the agent keeps for it."""
    state_folder = Path("/var/lib/ferrovirt")
    certificate = host.private(state_folder) / hostfiles.CERTIFICATES.relative_to(state_folder) / "servercert.pem"
    if not wait_until(certificate.exists, AGENT_SECONDS, 0.1):
        log = datacentre.tail(host.logs / f"{AGENT_SERVICE}.log")
        raise LabError(f"The agent of {host.name} writes no certificate for libvirt: {log}")
    hostfiles.write_after_join(host, host.private(Path("/etc")))
    before = datacentre.service_state(host.services, LIBVIRT_SERVICE)
    datacentre.inside(host, ["kill", str(before["pid"])], check=True)
    if not wait_until(lambda: datacentre.service_state(host.services, LIBVIRT_SERVICE)["pid"] not in (None, before["pid"]),
                      AGENT_SECONDS, 0.1):
        raise LabError(f"libvirtd of {host.name} does not start again.")
    datacentre.wait_for_libvirt(host)


def restart_services(lab: LabLayout) -> None:
    """Ends engine and agents, so that their supervisors start the installed programs."""
    for host in lab.hosts():
        state = datacentre.service_state(host.services, AGENT_SERVICE)
        if state and state["pid"]:
            datacentre.inside(host, ["kill", str(state["pid"])])
    state = datacentre.service_state(lab.engine_folder / "services", ENGINE_SERVICE)
    if state and state["pid"]:
        os.kill(state["pid"], signal.SIGTERM)
        wait_until(lambda: not healthy(lab), 15.0)
