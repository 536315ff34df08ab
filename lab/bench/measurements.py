"""What a benchmark run found, and how it is written to target/bench.json. Knows no measurement."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """What a figure was compared with in the same run."""

    name: str
    value: float


@dataclass(frozen=True)
class Measurement:
    """One figure. `ratio` is value over peer; `limit` is the figure to reach, in the same unit or as a ratio."""

    name: str
    value: float
    unit: str
    compared_with: Peer | None = None
    ratio: float | None = None
    limit: str | None = None
    samples: int = 1

    def line(self) -> str:
        """For people."""
        text = f"{self.name}: {self.value:.4g} {self.unit}"
        if self.compared_with is not None:
            text += f", {self.compared_with.name} {self.compared_with.value:.4g} {self.unit}"
        if self.ratio is not None:
            text += f", ratio {self.ratio:.3f}"
        return text + (f" (to reach: {self.limit})" if self.limit else "")


@dataclass
class Report:
    """Collects measurements and writes the file after each, so that a run that fails late keeps its beginning."""

    path: Path
    measurements: list[Measurement] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, *, peer: Peer | None = None, limit: str | None = None,
            samples: int = 1) -> None:
        """Adds a figure and prints it."""
        ratio = value / peer.value if peer is not None and peer.value > 0 else None
        measurement = Measurement(name, value, unit, peer, ratio, limit, samples)
        self.measurements.append(measurement)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps([asdict(entry) for entry in self.measurements], indent=2) + "\n")
        print(f"bench: {measurement.line()}", flush=True)

    def fail(self, name: str, reason: object) -> None:
        """Remembers a measurement that could not be made."""
        self.failures.append(name)
        print(f"bench: {name} could not be measured: {reason}", flush=True)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    position = max(0, min(len(ordered) - 1, -(-len(ordered) * percent // 100) - 1))
    return ordered[int(position)]
