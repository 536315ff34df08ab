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
class Limit:
    """The figure to reach: of the value, or of the ratio to the peer where it is given in times."""

    words: str
    most: float
    unit: str

    def met(self, value: float, ratio: float | None) -> bool:
        """Whether a value, or its ratio, reaches the figure. One without the peer that it is measured by does not."""
        judged = ratio if self.unit == "times" else value
        return judged is not None and (judged < self.most if self.words == "under" else judged <= self.most)

    def __str__(self) -> str:
        return f"{self.words} {self.most:g} {self.unit}"


def under(most: float, unit: str) -> Limit:
    """A limit that is not reached by a value as large."""
    return Limit("under", most, unit)


def at_most(most: float, unit: str) -> Limit:
    """A limit that is reached by a value as large."""
    return Limit("at most", most, unit)


@dataclass(frozen=True)
class Measurement:
    """One figure. `ratio` is value over peer; `limit` is the figure to reach, and `met` says whether it was, where there is one."""

    name: str
    value: float
    unit: str
    compared_with: Peer | None = None
    ratio: float | None = None
    limit: str | None = None
    met: bool | None = None
    samples: int = 1

    def line(self) -> str:
        """For people."""
        text = f"{self.name}: {self.value:.4g} {self.unit}"
        if self.compared_with is not None:
            text += f", {self.compared_with.name} {self.compared_with.value:.4g} {self.unit}"
        if self.ratio is not None:
            text += f", ratio {self.ratio:.3f}"
        if self.limit is not None:
            text += f" (to reach: {self.limit}{'' if self.met else '; MISSED'})"
        return text


@dataclass
class Report:
    """Collects measurements and writes the file after each, so that a run that fails late keeps its beginning."""

    path: Path
    measurements: list[Measurement] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, *, peer: Peer | None = None, limit: Limit | None = None,
            samples: int = 1) -> None:
        """Adds a figure and prints it."""
        ratio = value / peer.value if peer is not None and peer.value > 0 else None
        if limit is not None and limit.unit not in (unit, "times"):
            raise ValueError(f"{name} is measured in {unit} and limited in {limit.unit}")
        met = None if limit is None else limit.met(value, ratio)
        measurement = Measurement(name, value, unit, peer, ratio, None if limit is None else str(limit), met, samples)
        self.measurements.append(measurement)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps([asdict(entry) for entry in self.measurements], indent=2) + "\n")
        print(f"bench: {measurement.line()}", flush=True)

    def missed(self) -> list[str]:
        """The figures that were not reached."""
        return [entry.name for entry in self.measurements if entry.met is False]

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
