#!/usr/bin/env python3
"""Writes civil-time.csv, handoffs.csv and tzdata-version: what Python's zoneinfo says, for the Swift tests to compare with.

  python3 Tests/Reference/make-civil-time.py

Reads /usr/share/zoneinfo (Debian: tzdata). The tables are committed; make them again when tzdata moves and the tests say so.
Offsets are compared around every change of 2020-2040 in zones of every kind, and at random instants of 1900-2400.
Handoffs are the boundaries of daily and weekly rotations; a skipped local time is the first instant after the jump, a
repeated one the first of the two.
"""
import csv
import datetime as dt
import pathlib
import random
import zoneinfo

ZONES = """UTC Europe/Berlin Europe/London Europe/Dublin Europe/Lisbon Europe/Kyiv Europe/Istanbul Atlantic/Azores
Africa/Casablanca Africa/Cairo Africa/Nairobi Asia/Kolkata Asia/Kathmandu Asia/Tokyo Asia/Gaza Asia/Beirut Asia/Jerusalem
Asia/Tehran Australia/Sydney Australia/Lord_Howe Australia/Eucla Pacific/Apia Pacific/Chatham Pacific/Kiritimati
Pacific/Norfolk America/New_York America/Los_Angeles America/St_Johns America/Sao_Paulo America/Santiago
America/Asuncion America/Havana America/Nuuk America/Mexico_City America/Scoresbysund Antarctica/Troll
Antarctica/Casey""".split()
HERE = pathlib.Path(__file__).parent
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def moment(second):
    return EPOCH + dt.timedelta(seconds=second)


def offset(zone, second):
    return int(moment(second).astimezone(zone).utcoffset().total_seconds())


def changes(zone, first, last):
    """The seconds at which the offset changes, by bisection of six-hour steps."""
    step = 6 * 3600
    before = offset(zone, first)
    for second in range(first + step, last, step):
        now = offset(zone, second)
        if now != before:
            low, high = second - step, second
            while high - low > 1:
                middle = (low + high) // 2
                if offset(zone, middle) == before:
                    low = middle
                else:
                    high = middle
            yield high
            before = now


def instant(zone, local):
    """The second at which clocks show a local time, by the rule for gaps and overlaps."""
    aware = local.replace(tzinfo=zone, fold=0)
    second = int(aware.timestamp())
    if moment(second).astimezone(zone).replace(tzinfo=None) == local:
        return second
    return next(changes(zone, second - 86400, second + 2 * 86400))


def main():
    draw = random.Random(2026)
    (HERE / "tzdata-version").write_text(open("/usr/share/zoneinfo/tzdata.zi").readline().split()[-1] + "\n")
    year = lambda number: int(dt.datetime(number, 1, 1, tzinfo=dt.timezone.utc).timestamp())
    with open(HERE / "civil-time.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["zone", "unix_second", "offset_seconds", "local"])
        for name in ZONES:
            zone = zoneinfo.ZoneInfo(name)
            seconds = {draw.randrange(year(1900), year(2400)) for _ in range(40)}
            for change in changes(zone, year(2020), year(2040)):
                seconds |= {change - 1, change, change + draw.randrange(86400)}
            for second in sorted(seconds):
                local = moment(second).astimezone(zone)
                table.writerow([name, second, offset(zone, second), local.strftime("%Y-%m-%d %H:%M:%S").zfill(19)])
    with open(HERE / "handoffs.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["zone", "unit", "start_date", "minute", "number", "unix_second"])
        for name in ZONES:
            zone = zoneinfo.ZoneInfo(name)
            for unit, days, count in [("weeks", 7, 156), ("days", 1, 366)]:
                minute = draw.choice([0, 0, 30, 60, 90, 120, 150, 180, 540, 1020, 1439])
                start = dt.date(draw.randrange(2020, 2037), draw.randrange(1, 13), draw.randrange(1, 28))
                if unit == "weeks":
                    start += dt.timedelta(days=(7 - start.weekday()) % 7)
                first = dt.datetime.combine(start, dt.time(minute // 60, minute % 60))
                locals = [first + dt.timedelta(days=days * number) for number in range(count)]
                offsets = [local.replace(tzinfo=zone).utcoffset() for local in locals]
                changed = {number for number in range(1, count) if offsets[number - 1] != offsets[number]}
                numbers = changed | {number - 1 for number in changed} | set(draw.sample(range(count), 40))
                for number in sorted(numbers):
                    local = locals[number]
                    table.writerow([name, unit, start, minute, number, instant(zone, local)])


if __name__ == "__main__":
    main()
