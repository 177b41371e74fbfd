"""Runs the cluster tests: main.py BINARIES [--long] [NAME…]. --long adds the campaigns; so does a name."""
import subprocess
import sys
import time
import traceback

import alarms
import answers
import audit
import backups
import channels
import drains
import endurance
import fixtures
import fulldisk
import injection
import keys
import limits
import logs
import monitoring
import outages
import reaching
import receipts
import records
import sealing
import tests
import uninvited
import watching

SUITES = [fixtures, tests, endurance, watching, channels, alarms, monitoring, answers, receipts, limits, sealing, keys, audit,
          uninvited, injection, backups, drains, outages, fulldisk, logs, records, reaching]
# These mostly wait for the tiers' clock and measure nothing under a second: they run in a process of their own, beside the others.
BESIDE = [
    tests.deaths.killed_at_any_time_nothing_is_lost, tests.deaths.tiers_that_are_down_lose_nothing,
    watching.what_does_not_get_through_is_noticed_by_the_watch, receipts.trouble_of_every_kind_costs_one_repeat_at_most,
    limits.a_hundred_incidents_for_one_person_are_few_messages_and_none_is_lost, outages.cut_off_from_each_other_nothing_is_lost,
    outages.away_for_an_hour_each_incident_pages_once, backups.a_backup_that_is_cut_short_leaves_the_earlier_one,
]


def passes(test, binaries):
    began = time.monotonic()
    try:
        said = test(binaries)
        print(f"ok   {test.__name__} ({time.monotonic() - began:.1f} s){': ' + said if said else ''}", flush=True)
        return True
    except Exception:
        print(f"FAIL {test.__name__} ({time.monotonic() - began:.1f} s)\n{traceback.format_exc()}", end="", flush=True)
        return False


def main(binaries, *rest):
    named = [name for name in rest if not name.startswith("--")]
    every = [test for suite in SUITES for test in suite.ALL]
    if "--long" in rest or named:
        every += [test for suite in SUITES for test in getattr(suite, "LONG", [])]
    if named:
        chosen, beside = [test for test in every if any(name in test.__name__ for name in named)], None
    elif "--beside" in rest:
        chosen, beside = BESIDE, None
    else:
        chosen = [test for test in every if test not in BESIDE]
        beside = subprocess.Popen([sys.executable, __file__, binaries, "--beside"])
    results = [passes(test, binaries) for test in chosen]
    if beside is not None:
        results.append(beside.wait() == 0)
    print(f"cluster: {sum(results)} passed, {len(results) - sum(results)} failed" + (" (one stands for what ran beside)" if beside else ""))
    return all(results) and bool(results)


sys.exit(0 if main(*sys.argv[1:]) else 1)
