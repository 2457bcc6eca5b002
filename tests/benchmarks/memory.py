"""How much memory this process holds at most, measured by Linux itself."""

from __future__ import annotations

import resource
from pathlib import Path


def forget_peak() -> float:
    """Begin to watch for the peak anew, and return the memory held now, in MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak()
    Path("/proc/self/clear_refs").write_text("5")
    return _kilobytes(status, "VmRSS") / 1024


def peak() -> float:
    """Return the most memory held since then, in MB. Outside Linux it is since the process began."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return _kilobytes(status, "VmHWM") / 1024


def _kilobytes(status: Path, name: str) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])
