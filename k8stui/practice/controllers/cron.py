"""cron's five fields, in a time zone, and the shorter forms that CronJobs may have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from k8stui.core.units import parse_age

_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
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
_EVERY = "@every "
_YEARS = 5
_MANY = 100


class Schedule:
    """When a CronJob is due.

    Args:
        text: Five fields, or one of ``@hourly`` … ``@yearly``, or ``@every`` and a duration.
        zone: Time zone in which the fields are meant.

    Raises:
        ValueError: the text is no schedule.
    """

    def __init__(self, text: str, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._every = _duration(text.strip()) if text.strip().startswith(_EVERY) else 0
        fields = _SHORT.get(text.strip(), text).split()
        if self._every:
            fields = ["*"] * 5
        if len(fields) != 5:
            raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
        minutes, hours, days, months, weekdays = (
            _field(field, low, high) for field, (low, high) in zip(fields, _RANGES, strict=True)
        )
        self._minutes, self._hours = sorted(minutes), sorted(hours)
        self._months, self._days, self._weekdays = months, days, weekdays
        self._either = not any(_is_star(field) for field in (fields[2], fields[4]))

    def _on(self, day: datetime) -> bool:
        if day.month not in self._months:
            return False
        by_date, by_weekday = day.day in self._days, day.isoweekday() % 7 in self._weekdays
        return by_date or by_weekday if self._either else by_date and by_weekday

    def after(self, seconds: float) -> float | None:
        """The first moment after a time at which it is due; None when there is none within five years."""
        if self._every:
            return float(int(seconds) + self._every)
        moment = datetime.fromtimestamp(int(seconds) // 60 * 60 + 60, self._zone).replace(tzinfo=None)
        for _ in range(366 * _YEARS):
            if self._on(moment):
                found = self._within(moment, seconds)
                if found is not None:
                    return found
            moment = (moment + timedelta(days=1)).replace(hour=0, minute=0)
        return None

    def latest(self, earliest: float, now: float) -> tuple[float | None, bool]:
        """The last moment in between at which it was due, and whether there were very many of them."""
        first = self.after(earliest)
        if first is None or first > now:
            return None, False
        second = self.after(first)
        if second is None or second > now:
            return first, False
        many = (now - first) // max(1.0, second - first) + 1 > _MANY
        if self._every:
            return now - (now - first) % self._every, many
        found, span = first, 60.0
        while True:
            due = self.after(max(first, now - span))
            while due is not None and due <= now:
                found, due = due, self.after(due)
            if found > first or now - span <= first:
                return found, many
            span *= 4

    def _within(self, start: datetime, seconds: float) -> float | None:
        """The first due minute of a day from a minute on that the time zone has."""
        for hour in self._hours:
            if hour < start.hour:
                continue
            for minute in self._minutes:
                if hour > start.hour or minute >= start.minute:
                    local = start.replace(hour=hour, minute=minute)
                    found = local.replace(tzinfo=self._zone).timestamp()
                    there = datetime.fromtimestamp(found, self._zone).replace(tzinfo=None) == local
                    if there and found > seconds:
                        return found
        return None


def _duration(text: str) -> int:
    seconds = parse_age(text.removeprefix(_EVERY).strip())
    if not seconds or seconds < 1:
        raise ValueError(f"failed to parse duration {text}")
    return int(seconds)


def _is_star(field: str) -> bool:
    """Whether a field leaves it open: a star with a step does not."""
    return any(
        part.partition("/")[0] in ("*", "?") and part.partition("/")[2] in ("", "1")
        for part in field.split(",")
    )


def _number(text: str) -> int:
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    if not text.isdigit():
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def _field(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, slash, every = part.partition("/")
        step = _number(every) if slash else 1
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            begin, _, end = span.partition("-")
            first, last = _number(begin), _number(end)
        else:
            first = _number(span)
            last = high if slash else first
        if first < low:
            raise ValueError(f"beginning of range ({first}) below minimum ({low}): {part}")
        if last > high:
            raise ValueError(f"end of range ({last}) above maximum ({high}): {part}")
        if first > last:
            raise ValueError(f"beginning of range ({first}) beyond end of range ({last}): {part}")
        if step < 1:
            raise ValueError(f"step of range should be a positive number: {part}")
        found.update(range(first, last + 1, step))
    return found
