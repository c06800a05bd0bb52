"""Numbers, intervals, durations and user text as a person reads them."""

import math
import re
from datetime import UTC, datetime
from numbers import Integral
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crossrec.ui.i18n import t
from crossrec.workspace import Run
from crossrec.workspace.sheet import csv_bytes as csv_bytes

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#$~|!&])|(:(?=[a-zA-Z/]))")


def number(value: float, digits: int = 3) -> str:
    """``0.0812`` -> ``0.081``; whole numbers get thousands separators; ``NaN`` is a dash."""
    if value is None or math.isnan(value):
        return "–"
    if isinstance(value, Integral) or (float(value).is_integer() and abs(value) >= 1):
        return f"{int(value):,}".replace("-", "−")
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def signed(value: float, digits: int = 3) -> str:
    """A difference: ``+0.011`` or ``−0.004``; without a sign where it rounds to zero."""
    if value is None or math.isnan(value):
        return "–"
    if round(value, digits) == 0:
        return f"{0:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "−")


def interval(value: float, low: float, high: float, digits: int = 3, *, sign: bool = False) -> str:
    """A value and its 95 % interval: ``0.081 [0.074, 0.089]``."""
    show = signed if sign else number
    shown = show(value, digits)
    if any(math.isnan(bound) for bound in (low, high)):
        return shown
    return f"{shown} [{show(low, digits)}, {show(high, digits)}]"


def percent(share: float, digits: int = 0) -> str:
    """``0.337`` -> ``34%``."""
    return "–" if share is None or math.isnan(share) else f"{share:.{digits}%}"


def duration(seconds: float) -> str:
    """``80`` -> ``1 min 20 s``."""
    if seconds < 1:
        return t("unit.under_second")
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return t("unit.hours", hours=hours, minutes=minutes)
    if minutes:
        return t("unit.minutes", minutes=minutes, seconds=left)
    return t("unit.seconds", seconds=left)


def size(n_bytes: float) -> str:
    """``3304435`` -> ``3.2 MB``."""
    for unit in ("B", "KB", "MB"):
        if n_bytes < 1024:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1024
    return f"{n_bytes:.1f} GB"


def moment(iso: str, timezone: str | None = None) -> str:
    """A point in time on the viewer's clock: ``2026-11-22 14:30``."""
    try:
        zone = ZoneInfo(timezone) if timezone else UTC
    except ZoneInfoNotFoundError:
        zone = UTC
    return datetime.fromisoformat(iso).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def run_label(run: Run, timezone: str | None = None) -> str:
    """A run's name for people: the one given, when it was made, how, and with which seed."""
    config = run.info.get("config", {})
    parts = [run.name, moment(run.info["created"], timezone)]
    if "seed" in config:
        parts.append(t("run.seed", seed=config["seed"]))
    parts.append(run.id[-4:])  # runs made in one minute would look the same
    return " · ".join(filter(None, parts))


def plain(text: object) -> str:
    """User text (titles, ids, names) made harmless inside markdown: shown as typed, one line."""
    return _MARKDOWN.sub(r"\\\g<0>", " ".join(str(text).split()))
