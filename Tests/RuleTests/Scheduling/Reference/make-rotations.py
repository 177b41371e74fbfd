#!/usr/bin/env python3
"""Writes rotations.csv: who holds which shift, computed by another hand than the scheduler's.

  python3 Tests/RuleTests/Scheduling/Reference/make-rotations.py

By zoneinfo and datetime alone, walking shift by shift from the start. Each row: case, zone, unit, length in units, first date,
handoff minute, members, and a shift of it: begin and end in Unix seconds, primary, secondary.

Readings: a weekly shift begins at its local handoff time on the handoff weekday (Monday); a skipped local time is the first
instant after the jump, a repeated one the first of the two; shifts of hours elapse. The secondary is the next primary. The
procedure's example table starts its weeks on Tuesdays; its text says Monday 00:00 UTC, which is what the case "procedure" has.
"""
import csv
import datetime as dt
import pathlib
import zoneinfo

UTC = dt.timezone.utc
CASES = [
    ("procedure", "UTC", "weeks", 1, "2025-10-06", 0, "ana ben cai dee eli fay gus hal", 60),
    ("berlin-nine", "Europe/Berlin", "weeks", 1, "2025-10-06", 540, "ana ben cai", 110),
    ("berlin-in-the-gap", "Europe/Berlin", "days", 1, "2026-03-20", 150, "ana ben cai dee", 250),
    ("new-york-in-the-overlap", "America/New_York", "days", 1, "2026-10-20", 90, "ana ben cai", 180),
    ("lord-howe", "Australia/Lord_Howe", "days", 2, "2026-01-01", 105, "ana ben cai dee eli", 300),
    ("chatham-fortnights", "Pacific/Chatham", "weeks", 2, "2026-01-05", 165, "ana ben cai", 60),
    ("santiago-midnight", "America/Santiago", "days", 1, "2026-08-20", 0, "ana ben", 240),
    ("kathmandu-eight-hours", "Asia/Kathmandu", "hours", 8, "2028-02-27", 345, "ana ben cai", 60),
    ("london-six-hours", "Europe/London", "hours", 6, "2026-03-27", 0, "ana ben cai dee", 60),
    ("year-end", "America/Toronto", "weeks", 1, "2026-11-30", 1020, "ana ben cai dee eli", 60),
    ("leap-day", "Europe/Dublin", "days", 1, "2028-02-25", 60, "ana ben cai", 60),
]


def instant(zone, local):
    """The second at which clocks show a local time; after the jump where they never do."""
    aware = local.replace(tzinfo=zone, fold=0)
    second = int(aware.timestamp())
    if dt.datetime.fromtimestamp(second, UTC).astimezone(zone).replace(tzinfo=None) == local:
        return second
    # The gap: walk back from after it until clocks show less than was asked for.
    second += 4 * 3600
    while dt.datetime.fromtimestamp(second - 1, UTC).astimezone(zone).replace(tzinfo=None) >= local:
        second -= 1
    return second


def main():
    path = pathlib.Path(__file__).with_name("rotations.csv")
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow("case zone unit length start minute members from until primary secondary".split())
        for case, name, unit, length, start, minute, members, count in CASES:
            zone = zoneinfo.ZoneInfo(name)
            people = members.split()
            first = dt.datetime.combine(dt.date.fromisoformat(start), dt.time(minute // 60, minute % 60))
            def begin(number):
                if unit == "hours":
                    return instant(zone, first) + number * length * 3600
                days = length * (7 if unit == "weeks" else 1)
                return instant(zone, first + dt.timedelta(days=days * number))
            for number in range(count):
                table.writerow([
                    case, name, unit, length, start, minute, members, begin(number), begin(number + 1),
                    people[number % len(people)], people[(number + 1) % len(people)],
                ])


if __name__ == "__main__":
    main()
