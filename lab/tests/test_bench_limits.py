"""A benchmark's figures against their limits: which are met, and that a run says which are not. Measures nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from measurements import Peer, Report, at_most, under  # noqa: E402


def test_a_missed_figure_is_named_and_written(tmp_path: Path) -> None:
    """By value or by ratio; what has no limit can't miss one."""
    report = Report(tmp_path / "bench.json")
    report.add("small enough", 3.9, "MiB", limit=under(4, "MiB"))
    report.add("just too large", 4.0, "MiB", limit=under(4, "MiB"))
    report.add("just fast enough", 110.0, "s", peer=Peer("bare", 100.0), limit=at_most(1.1, "times"))
    report.add("too slow", 111.0, "s", peer=Peer("bare", 100.0), limit=at_most(1.1, "times"))
    report.add("without its peer", 1.0, "s", peer=Peer("bare", 0.0), limit=at_most(1.1, "times"))
    report.add("unlimited", 1000.0, "s")
    assert report.missed() == ["just too large", "too slow", "without its peer"]
    assert [entry["met"] for entry in json.loads(report.path.read_text())] == [True, False, True, False, False, None]


def test_a_limit_in_another_unit_is_refused(tmp_path: Path) -> None:
    """4 KiB would be under 4 MiB."""
    with pytest.raises(ValueError, match="limited in MiB"):
        Report(tmp_path / "bench.json").add("memory", 4000.0, "KiB", limit=under(4, "MiB"))
