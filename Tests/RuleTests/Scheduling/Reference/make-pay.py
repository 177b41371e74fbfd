#!/usr/bin/env python3
"""Writes pay.csv, stipends.csv and comp-days.csv: what is paid, computed by another hand than the scheduler's.

  python3 Tests/RuleTests/Scheduling/Reference/make-pay.py

By zoneinfo, datetime, decimal and fractions alone. Hours are classed by looking at the local clock every half minute, never by
computing when a day begins. Readings, each with the hand-picked cases that show it (column "reading"):

- Local is the person's zone. Working days are Monday to Friday without holidays; 09:00 (inclusive) to 17:00 (exclusive) isn't
  paid; a day off is weekend from local midnight to midnight. Time counts as it elapses, also where clocks change.
- Incidents of a person that overlap are one piece of work; to touch is not to overlap. A piece with any paid time has at least
  30 minutes, added where its paid time ends; the minimum comes before rounding.
- Running totals are rounded to 15 minutes where the class or the rates change, ties up; a line is what the total grew by. Paid
  time on both sides of business hours is two lines, and so is paid time under two rates.
- A line's amount is rounded to cents, ties up.
- A stipend belongs to a week from Monday 00:00 in the team's zone; a share is what the running total of elapsed time, rounded to
  cents, grows by. New rates hold from local midnight of the team.
- Comp days: the SEV-1 took more than 4 h: 1; more than 8 h: 2; work on a day off while it was one: 1, the Monday after the last
  such day. The larger, not the sum.
"""
import csv
import datetime as dt
import pathlib
import random
import zoneinfo
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

UTC = dt.timezone.utc
TICK = 30
HERE = pathlib.Path(__file__)
# From when, after hours, weekend.
RATES = [("2026-01-01", "33.33", "50.01"), ("2026-07-01", "35.50", "71.25")]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago",
         "Pacific/Chatham", "Europe/London", "America/Havana", "Asia/Singapore", "Pacific/Apia"]


def second(zone, text):
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)).timestamp())


def kind(zone, holidays, at):
    local = dt.datetime.fromtimestamp(at, UTC).astimezone(zone)
    if local.weekday() >= 5 or local.date().isoformat() in holidays:
        return "weekend"
    return "business" if 9 <= local.hour < 17 else "after"


def half_up(number):
    return int((number + Fraction(1, 2)) // 1)


def cents(number):
    return Decimal(half_up(number * 100)) / 100


def ticks(spans):
    return {at for begin, end in spans for at in range(begin, end, TICK)}


def pieces(incidents):
    """Sets of ticks that share any, merged until none do."""
    sets = [(ticks(spans), [name]) for name, spans in incidents if ticks(spans)]
    merged = True
    while merged:
        merged = False
        for i in range(len(sets)):
            for j in range(i + 1, len(sets)):
                if sets[i][0] & sets[j][0]:
                    sets[i] = (sets[i][0] | sets[j][0], sets[i][1] + sets[j][1])
                    del sets[j]
                    merged = True
                    break
            if merged:
                break
    return sets


def rate_index(team_zone, at):
    """Rates hold from a local midnight of the team on."""
    return max((i for i, rate in enumerate(RATES) if second(team_zone, rate[0] + "T00:00") <= at), default=None)


def lines(name, holidays, incidents, team_zone="UTC"):
    zone = zoneinfo.ZoneInfo(name)
    found = []
    for work, names in pieces(incidents):
        runs = []
        last = None
        for at in sorted(work):
            this = kind(zone, holidays, at)
            if this == "business":
                last = None
                continue
            key = (this, rate_index(team_zone, at))
            if key == last:
                runs[-1][2] = at + TICK
                runs[-1][3] += TICK
            else:
                runs.append([key, at, at + TICK, TICK])
            last = key
        total = 0
        for index, (key, begin, end, time) in enumerate(runs):
            before, total = total, total + time
            if index == len(runs) - 1:
                total = max(total, 1800)
            quarters = half_up(Fraction(total, 900)) - half_up(Fraction(before, 900))
            if quarters:
                rate = Fraction(RATES[key[1]][1 if key[0] == "after" else 2])
                found.append((begin, key[0], end, time, Decimal(quarters) / 4, cents(rate * quarters / 4)))
    return sorted(found)


HAND = [
    # reading, zone, holidays, [(incident, [(from, until), ...]), ...]; times are local
    ("business hours aren't paid", "Europe/Berlin", "", [("a", [("2026-11-24T10:00", "2026-11-24T12:00")])]),
    ("after hours, exactly", "Europe/Berlin", "", [("a", [("2026-11-24T20:00", "2026-11-24T21:00")])]),
    ("minimum of 30 min", "Europe/Berlin", "", [("a", [("2026-11-24T20:00", "2026-11-24T20:05")])]),
    ("minimum for half a minute after 17:00", "UTC", "", [("a", [("2026-11-24T16:00", "2026-11-24T17:00:30")])]),
    ("17:00 is after hours, so nothing until then is", "UTC", "", [("a", [("2026-11-24T16:00", "2026-11-24T17:00")])]),
    ("09:00 is business", "UTC", "", [("a", [("2026-11-24T08:30", "2026-11-24T09:30")])]),
    ("minimum before rounding: 29 min are 30", "UTC", "", [("a", [("2026-11-24T20:00", "2026-11-24T20:29")])]),
    ("37 min round to 30", "UTC", "", [("a", [("2026-11-24T20:00", "2026-11-24T20:37")])]),
    ("a tie, 37 min 30 s, rounds up", "UTC", "", [("a", [("2026-11-24T20:00", "2026-11-24T20:37:30")])]),
    ("38 min round to 45", "UTC", "", [("a", [("2026-11-24T20:00", "2026-11-24T20:38")])]),
    ("52 min 30 s is a tie: 1 h", "UTC", "", [("a", [("2026-11-24T20:00", "2026-11-24T20:52:30")])]),
    ("52 min round to 45", "UTC", "", [("a", [("2026-11-24T20:00", "2026-11-24T20:52")])]),
    ("midnight between weekdays is no boundary", "UTC", "", [("a", [("2026-11-24T23:50", "2026-11-25T00:35")])]),
    ("into the weekend: split at midnight", "UTC", "", [("a", [("2026-11-27T23:00", "2026-11-28T01:00")])]),
    ("parts add up: 10 + 10 min are the minimum, the rest where it ends", "UTC", "",
     [("a", [("2026-11-27T23:50", "2026-11-28T00:10")])]),
    ("parts add up: 20 + 20 min are 45 and not 30", "UTC", "", [("a", [("2026-11-27T23:40", "2026-11-28T00:20")])]),
    ("a part of 7 min rounds to nothing", "UTC", "", [("a", [("2026-11-27T23:53", "2026-11-28T01:00")])]),
    ("a part of 7 min 30 s rounds up", "UTC", "", [("a", [("2026-11-27T23:52:30", "2026-11-28T01:00")])]),
    ("out of the weekend", "UTC", "", [("a", [("2026-11-29T23:00", "2026-11-30T01:00")])]),
    ("a night into business hours", "UTC", "", [("a", [("2026-11-30T07:00", "2026-11-30T11:00")])]),
    ("both sides of business hours are two lines", "UTC", "", [("a", [("2026-11-30T08:00", "2026-11-30T18:00")])]),
    ("business hours on a Saturday are weekend", "UTC", "", [("a", [("2026-11-28T10:00", "2026-11-28T11:00")])]),
    ("a holiday counts as weekend", "Europe/Berlin", "2026-12-25", [("a", [("2026-12-25T10:00", "2026-12-25T11:00")])]),
    ("into a holiday", "Europe/Berlin", "2026-12-25", [("a", [("2026-12-24T23:30", "2026-12-25T00:30")])]),
    ("a holiday is a local date", "Asia/Singapore", "2026-12-25", [("a", [("2026-12-25T00:30", "2026-12-25T01:30")])]),
    ("Saturday in Singapore is Friday in UTC", "Asia/Singapore", "", [("a", [("2026-11-28T00:30", "2026-11-28T01:30")])]),
    ("overlap: both incidents once", "UTC", "",
     [("a", [("2026-11-24T20:00", "2026-11-24T21:00")]), ("b", [("2026-11-24T20:30", "2026-11-24T21:30")])]),
    ("overlap: one within the other", "UTC", "",
     [("a", [("2026-11-24T20:00", "2026-11-24T22:00")]), ("b", [("2026-11-24T20:30", "2026-11-24T20:40")])]),
    ("overlap: one minimum for both", "UTC", "",
     [("a", [("2026-11-24T20:00", "2026-11-24T20:10")]), ("b", [("2026-11-24T20:05", "2026-11-24T20:15")])]),
    ("touching isn't overlapping: a minimum each", "UTC", "",
     [("a", [("2026-11-24T20:00", "2026-11-24T20:10")]), ("b", [("2026-11-24T20:10", "2026-11-24T20:20")])]),
    ("a chain of overlaps is one piece", "UTC", "",
     [("a", [("2026-11-24T20:00", "2026-11-24T20:20")]), ("b", [("2026-11-24T20:15", "2026-11-24T20:40")]),
      ("c", [("2026-11-24T20:35", "2026-11-24T21:07")])]),
    ("handed over and taken back: one incident, one minimum", "UTC", "",
     [("a", [("2026-11-24T20:00", "2026-11-24T20:10"), ("2026-11-24T23:00", "2026-11-24T23:10")])]),
    ("overlap into the weekend", "UTC", "",
     [("a", [("2026-11-27T23:30", "2026-11-28T00:10")]), ("b", [("2026-11-27T23:55", "2026-11-28T00:40")])]),
    ("clocks go forward: 01:30 to 03:30 is one hour", "Europe/Berlin", "", [("a", [("2026-03-29T01:30", "2026-03-29T03:30")])]),
    ("clocks go back: 01:30 to 03:30 is three hours", "Europe/Berlin", "", [("a", [("2026-10-25T01:30", "2026-10-25T03:30")])]),
    ("clocks go back at midnight in Havana", "America/Havana", "", [("a", [("2026-10-31T23:30", "2026-11-01T02:00")])]),
    ("the Saturday of Santiago's change is 25 h", "America/Santiago", "", [("a", [("2026-04-04T22:00", "2026-04-05T01:00")])]),
    ("half an hour forward on Lord Howe", "Australia/Lord_Howe", "", [("a", [("2026-10-04T01:00", "2026-10-04T04:00")])]),
    ("quarter-hour zone", "Asia/Kathmandu", "", [("a", [("2026-11-24T16:50", "2026-11-24T17:40")])]),
    ("new rates from their date on", "UTC", "", [("a", [("2026-06-30T23:00", "2026-07-01T01:00")])]),
    ("before new rates the old ones", "UTC", "", [("a", [("2026-06-30T20:00", "2026-06-30T21:00")])]),
    ("a tie of cents rounds up: 0.75 h at 33.33", "UTC", "", [("a", [("2026-02-03T20:00", "2026-02-03T20:45")])]),
    ("0.5 h at 50.01 is a tie of cents", "UTC", "", [("a", [("2026-02-07T20:00", "2026-02-07T20:30")])]),
    ("a whole weekend", "America/New_York", "", [("a", [("2026-11-27T16:00", "2026-11-30T10:00")])]),
    ("year end", "Europe/London", "2027-01-01", [("a", [("2026-12-31T22:00", "2027-01-01T02:00")])]),
]


def generated(count):
    dice = random.Random(2026)
    for number in range(count):
        zone = dice.choice(ZONES)
        holidays = ""
        day = dt.date(2026, 1, 5) + dt.timedelta(days=dice.randrange(330))
        if dice.random() < 0.35:  # around a clock change, when there is one near
            day = dice.choice([dt.date(2026, 3, 28), dt.date(2026, 10, 24), dt.date(2026, 3, 7), dt.date(2026, 10, 31),
                               dt.date(2026, 4, 4), dt.date(2026, 10, 3), dt.date(2026, 9, 5), dt.date(2026, 9, 26)])
        if dice.random() < 0.3:
            holidays = (day + dt.timedelta(days=1)).isoformat()
        start = int(dt.datetime.combine(day, dt.time(0), UTC).timestamp()) + dice.randrange(0, 86400, TICK)
        incidents = []
        for letter in "abcd"[: dice.choice([1, 1, 2, 2, 3, 4])]:
            spans = []
            at = start + dice.randrange(-3600, 7200, TICK)
            for _ in range(dice.choice([1, 1, 1, 2])):
                length = dice.choice([dice.randrange(TICK, 3600, TICK), dice.randrange(TICK, 8 * 3600, TICK),
                                      dice.randrange(1, 12) * 450])
                spans.append((at, at + length))
                at += length + dice.randrange(TICK, 7200, TICK)
            incidents.append((letter, spans))
            start += dice.randrange(0, 5400, TICK)
        yield f"generated {number}", zone, holidays, incidents


def coded(incidents):
    return ";".join(f"{name}=" + " ".join(f"{a}-{b}" for a, b in spans) for name, spans in incidents)


def pay():
    with open(HERE.with_name("pay.csv"), "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow("reading zone holidays incidents lines".split())
        cases = [(reading.replace(",", ";"), zone, holidays,
                  [(name, [(second(zone, a), second(zone, b)) for a, b in spans]) for name, spans in incidents])
                 for reading, zone, holidays, incidents in HAND]
        for reading, zone, holidays, incidents in cases + list(generated(400)):
            table.writerow([reading, zone, holidays, coded(incidents), ";".join(
                f"{kind} {begin} {end} {time} {hours:.2f} {amount:.2f}"
                for begin, kind, end, time, hours, amount in lines(zone, holidays, incidents))])


def stipends():
    """A day rotation of three, 09:00 to 09:00 in a zone; two months; 250.00 a week, 260.00 from 2026-07-01 on."""
    with open(HERE.with_name("stipends.csv"), "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow("zone start until member from until_second amount".split())
        for name, start in [("UTC", "2026-06-01"), ("Europe/Berlin", "2026-03-02"), ("America/New_York", "2026-10-05"),
                            ("Australia/Lord_Howe", "2026-03-16"), ("America/Santiago", "2026-08-24")]:
            zone = zoneinfo.ZoneInfo(name)
            first = dt.date.fromisoformat(start)
            until = first + dt.timedelta(days=56)
            def at(date, hour=0):
                wall = dt.datetime.combine(date, dt.time(hour))
                found = int(wall.replace(tzinfo=zone).timestamp())
                # A skipped midnight: the first second that shows the date.
                while dt.datetime.fromtimestamp(found - 1, UTC).astimezone(zone).date() >= date and hour == 0:
                    found -= 1
                return found
            marks = {at(first + dt.timedelta(days=d), 9) for d in range(-1, 58)}
            marks |= {at(first + dt.timedelta(days=7 * w)) for w in range(9)} | {at(dt.date(2026, 7, 1))}
            begin, end = at(first), at(until)
            cuts = sorted(m for m in marks if begin < m < end)
            for a, b in zip([begin] + cuts, cuts + [end]):
                local = dt.datetime.fromtimestamp(a, UTC).astimezone(zone)
                monday = local.date() - dt.timedelta(days=local.weekday())
                week = (at(monday), at(monday + dt.timedelta(days=7)))
                rate = Fraction(260 if a >= at(dt.date(2026, 7, 1)) else 250)
                running = lambda x: cents(rate * Fraction(x - week[0], week[1] - week[0]))
                shift = (local.date() - first).days - (0 if local.hour >= 9 else 1)
                table.writerow([name, start, until.isoformat(), ["ana", "ben", "cai"][shift % 3], a, b,
                                f"{running(b) - running(a):.2f}"])


def comp_days():
    dice = random.Random(7)
    with open(HERE.with_name("comp-days.csv"), "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow("reading zone holidays from until work_from work_until days monday lapses".split())
        hand = [
            ("4 h exactly earn nothing", "UTC", "", "2026-11-24T10:00", "2026-11-24T14:00", 0, 0),
            ("longer than 4 h", "UTC", "", "2026-11-24T10:00", "2026-11-24T14:00:30", 0, 0),
            ("8 h exactly earn one", "UTC", "", "2026-11-24T10:00", "2026-11-24T18:00", 0, 0),
            ("longer than 8 h", "UTC", "", "2026-11-24T10:00", "2026-11-24T18:00:30", 0, 0),
            ("the incident's length; not the person's", "UTC", "", "2026-11-24T10:00", "2026-11-24T19:00", 0, 8 * 3600),
            ("a short one on a weekend", "UTC", "", "2026-11-28T10:00", "2026-11-28T10:30", 0, 0),
            ("the larger; not the sum", "UTC", "", "2026-11-28T10:00", "2026-11-28T15:00", 0, 0),
            ("two; the first is the Monday", "UTC", "", "2026-11-28T10:00", "2026-11-28T19:00", 0, 0),
            ("into the weekend", "UTC", "", "2026-11-27T23:30", "2026-11-28T00:30", 0, 0),
            ("worked before the weekend alone", "UTC", "", "2026-11-27T22:00", "2026-11-28T01:00", 0, 3600 + 1800),
            ("Saturday in Singapore", "Asia/Singapore", "", "2026-11-28T00:30", "2026-11-28T01:00", 0, 0),
            ("a Sunday of 25 hours", "Europe/Berlin", "", "2026-10-25T00:30", "2026-10-25T04:10", 0, 0),
            ("4 h on the wall but 3 h elapsed; a Sunday", "Europe/Berlin", "", "2026-03-29T00:30", "2026-03-29T04:40", 0, 0),
            ("a holiday counts as weekend", "UTC", "2026-12-25", "2026-12-25T10:00", "2026-12-25T11:00", 0, 0),
            ("a holiday in the week: the Monday after", "UTC", "2026-11-25", "2026-11-25T10:00", "2026-11-25T11:00", 0, 0),
        ]
        cases = [(r, z, h, second(z, a), second(z, b), x, y) for r, z, h, a, b, x, y in hand]
        for number in range(120):
            begin = int(dt.datetime(2026, 3, 1, tzinfo=UTC).timestamp()) + dice.randrange(0, 260 * 86400, TICK)
            length = dice.randrange(TICK, 11 * 3600, TICK)
            late = dice.randrange(0, length, TICK) if dice.random() < 0.3 else 0
            early = dice.randrange(0, length - late, TICK) if dice.random() < 0.3 else 0
            cases.append((f"generated {number}", dice.choice(ZONES), "", begin, begin + length, late, early))
        for reading, name, holidays, begin, end, late, early in cases:
            zone = zoneinfo.ZoneInfo(name)
            off = [at for at in range(begin + late, end - early, TICK) if kind(zone, holidays, at) == "weekend"]
            days = 2 if end - begin > 8 * 3600 else 1 if end - begin > 4 * 3600 or off else 0
            monday = ""
            if off:
                date = dt.datetime.fromtimestamp(off[-1], UTC).astimezone(zone).date() + dt.timedelta(days=1)
                while date.weekday() != 0:
                    date += dt.timedelta(days=1)
                monday = date.isoformat()
            lapses = dt.datetime.fromtimestamp(end, UTC).astimezone(zone).date() + dt.timedelta(days=90)
            table.writerow([reading, name, holidays, begin, end, begin + late, end - early, days, monday,
                            lapses.isoformat() if days else ""])


if __name__ == "__main__":
    pay()
    stipends()
    comp_days()
