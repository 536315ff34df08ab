"""The SDK's own example programs, unmodified, in a lab of their own; only the connection's parameters are replaced.

They are the `examples` folder of oVirt's Python SDK, which `make setup` unpacks. Which ones run stands in sdk_examples.txt, in which
order and on what ground in `example_steps`. Knows none of their code.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import REPOSITORY, keep_logs
from example_steps import STEPS, Ground, Step

from ferrolab import datacentre, engine
from ferrolab.layout import DEFAULT_STATE_ROOT
from labclient.connection import PROXY_VARIABLES, connect

LAB_NAME = "sdk"
EXAMPLE_SECONDS = 240.0
EXAMPLES = Path(os.environ.get("FERROVIRT_SDK_EXAMPLES", REPOSITORY / "target/lab/sdk-examples"))
# Python imports a module of this name before any program starts.
PATCH = """\
import os
import ovirtsdk4

original = ovirtsdk4.Connection.__init__


def replaced(self, *arguments, **options):
    options.update(url=os.environ['FERROVIRT_URL'], username=os.environ['FERROVIRT_USER'],
                   password=os.environ['FERROVIRT_PASSWORD'], ca_file=os.environ['FERROVIRT_CA'], insecure=False, debug=False)
    original(self, **options)


ovirtsdk4.Connection.__init__ = replaced
"""


def listed() -> dict[str, str]:
    """What the list says of each example: yes or no."""
    lines = (Path(__file__).parent / "sdk_examples.txt").read_text().splitlines()
    return {name: answer for name, answer, _what in (line.split("\t") for line in lines if not line.startswith("#"))}


def environment(folder: Path, access: engine.Access) -> dict[str, str]:
    """Makes a home with the configuration that newer examples read; returns the environment for all of them."""
    (folder / "sitecustomize.py").write_text(PATCH)
    configuration = folder / ".config/ovirt.conf"
    configuration.parent.mkdir()
    configuration.write_text(f"[lab]\nengine_url = {access.base.removesuffix('/ovirt-engine')}\nusername = {access.user}\n"
                             f"password = {access.password}\ncafile = {access.ca_file}\n")
    given = {name: value for name, value in os.environ.items() if name not in PROXY_VARIABLES}
    return {**given, **access.environment(), "HOME": str(folder), "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def ground(image: Path, kernel: Path, binaries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A lab with an engine and three hosts that have not joined; the last one's kernel is its own and knows NFS."""
    datacentre.down(LAB_NAME, DEFAULT_STATE_ROOT)
    lab = datacentre.up(LAB_NAME, 3, DEFAULT_STATE_ROOT, own_kernels=1, kernel=kernel)
    try:
        engine.install(lab, binaries)
        access = engine.start(lab)
        folder = tmp_path_factory.mktemp("sdk-examples")
        with connect(access) as connection:
            yield Ground(lab, access, image.resolve(), folder, connection, environment(folder, access))
    finally:
        keep_logs(lab)
        datacentre.down(LAB_NAME, DEFAULT_STATE_ROOT)


def test_every_example_is_listed() -> None:
    """What the SDK publishes is what the list names, and what it says yes to has a step."""
    assert EXAMPLES.is_dir(), f"{EXAMPLES} is missing; run `make setup`."
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(listed())
    assert {step.name for step in STEPS} == {name for name, answer in listed().items() if answer == "yes"}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_example(ground: Ground, step: Step) -> None:
    """It ends well, as it is."""
    step.prepare(ground)
    log = ground.folder / f"{step.name}.out"
    with open(log, "wb") as output:
        process = subprocess.Popen([sys.executable, str(EXAMPLES / f"{step.name}.py"), *step.arguments(ground)], cwd=ground.folder,
                                   env=ground.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            code = ended(process, step)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    said = log.read_text(errors="replace")
    assert code == 0 or (step.endless and "KeyboardInterrupt" in said), f"ended with {code}: {said[-2000:]}"
    step.check(ground, said)


def ended(process: subprocess.Popen[bytes], step: Step) -> int:
    """Waits for the end, which a step may have to bring about."""
    if step.interrupt_after is None:
        return process.wait(timeout=EXAMPLE_SECONDS)
    try:
        code = process.wait(timeout=step.interrupt_after)
        pytest.fail(f"ended early, with {code}")
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    return process.wait(timeout=EXAMPLE_SECONDS)
