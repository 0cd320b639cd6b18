"""cron's five fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_NAMES = {
    **dict(zip(("jan", "feb", "mar", "apr", "may", "jun"), range(1, 7), strict=True)),
    **dict(zip(("jul", "aug", "sep", "oct", "nov", "dec"), range(7, 13), strict=True)),
    **dict(zip(("sun", "mon", "tue", "wed", "thu", "fri", "sat"), range(7), strict=True)),
}


class Schedule:
    """When a CronJob is due, in UTC.

    Raises:
        ValueError: the text is no schedule.
    """

    def __init__(self, text: str) -> None:
        fields = _SHORT.get(text.strip(), text).split()
        if len(fields) != 5:
            raise ValueError(f"{text!r} has {len(fields)} fields, not 5")
        minutes, hours, days, months, weekdays = (
            _field(field, low, high) for field, (low, high) in zip(fields, _RANGES, strict=True)
        )
        self._minutes, self._hours, self._months, self._days = minutes, hours, months, days
        self._weekdays = {day % 7 for day in weekdays}
        self._either = "*" not in (fields[2][:1], fields[4][:1])

    def _on(self, day: datetime) -> bool:
        if day.month not in self._months:
            return False
        by_date, by_weekday = day.day in self._days, day.isoweekday() % 7 in self._weekdays
        return by_date or by_weekday if self._either else by_date and by_weekday

    def after(self, seconds: float) -> float | None:
        """The first moment after a time at which it is due; None when there is none within five years."""
        moment = datetime.fromtimestamp(int(seconds) // 60 * 60 + 60, UTC)
        for _ in range(366 * 5):
            if self._on(moment):
                found = self._within(moment)
                if found is not None:
                    return found.timestamp()
            moment = (moment + timedelta(days=1)).replace(hour=0, minute=0)
        return None

    def _within(self, start: datetime) -> datetime | None:
        """The first due minute of a day from a minute on."""
        for hour in sorted(self._hours):
            if hour < start.hour:
                continue
            for minute in sorted(self._minutes):
                if hour > start.hour or minute >= start.minute:
                    return start.replace(hour=hour, minute=minute)
        return None


def _number(text: str) -> int:
    return _NAMES[text.lower()] if text.lower() in _NAMES else int(text)


def _field(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, every = part.partition("/")
        step = int(every) if slash else 1
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            begin, _, end = span.partition("-")
            first, last = _number(begin), _number(end)
        else:
            first = _number(span)
            last = high if slash else first
        if step < 1 or not low <= first <= last <= high:
            raise ValueError(f"{part!r} is outside of {low}-{high}")
        found.update(range(first, last + 1, step))
    return found
