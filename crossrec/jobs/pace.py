"""How long it still takes: a range, because a single number would claim too much.

Two guesses are made from the progress so far: the pace since the start, and the pace of late. Where
both agree the range is narrow; where the work became slower or faster it holds both.
"""

from collections import deque

_FROM = 0.02  # of the whole: before, nothing can be told
_LATE = 1 / 3  # of the time so far counts as "of late" ...
_LEAST_LATE = 5.0  # ... but not less than so many seconds
_DOUBT = 0.15  # on both sides, also where the guesses agree
_KEPT = 400


class Pace:
    """Watches a fraction grow from 0 to 1."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._began: float | None = None

    def left(self, now: float, fraction: float) -> tuple[float, float] | None:
        """Note where the work stands; seconds still to go, lowest and highest guess.

        Args:
            now: seconds on a clock that never goes back.
            fraction: of the whole work that is done, from 0 to 1.

        Returns:
            None while it cannot be told.
        """
        if self._began is None:
            self._began = now
        self._seen.append((now, fraction))
        elapsed, missing = now - self._began, 1.0 - fraction
        if fraction < _FROM or elapsed <= 0:
            return None
        guesses = [elapsed * missing / fraction]
        since = now - max(_LEAST_LATE, elapsed * _LATE)
        then, before = next((one for one in self._seen if one[0] >= since), self._seen[0])
        if fraction > before:
            guesses.append((now - then) * missing / (fraction - before))
        return min(guesses) * (1 - _DOUBT), max(guesses) * (1 + _DOUBT)
