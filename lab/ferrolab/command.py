"""Runs other programs and turns their failures into sentences. Knows nothing of what they do."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from .errors import LabError


def run(argv: Sequence[str], *, check: bool = True, timeout: float = 60.0,
        text_input: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end; with `check`, a failure is a LabError that carries its last words."""
    try:
        done = subprocess.run(list(argv), capture_output=True, text=True, timeout=timeout,
                              input=text_input, check=False)
    except FileNotFoundError:
        raise LabError(f"{argv[0]} is not installed; run `make setup`.") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"`{' '.join(argv)}` did not end within {timeout:.0f} s.") from None
    return checked(done, check)


def checked(done: subprocess.CompletedProcess[str], check: bool) -> subprocess.CompletedProcess[str]:
    """With `check`, a failed program is a LabError that carries its last words."""
    if check and done.returncode != 0:
        words = (done.stderr or done.stdout).strip()[-2000:]
        raise LabError(f"`{' '.join(done.args)}` ended with {done.returncode}: {words}")
    return done
