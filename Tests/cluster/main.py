"""Runs the cluster tests: main.py BINARIES [--long] [NAME…]. --long adds the campaigns; so does a name."""
import sys
import time
import traceback

import alarms
import answers
import backups
import channels
import drains
import endurance
import fulldisk
import keys
import limits
import logs
import monitoring
import outages
import receipts
import records
import sealing
import tests
import upgrade
import watching

binaries, *rest = sys.argv[1:]
long = "--long" in rest
names = [name for name in rest if not name.startswith("--")]
passed, failed = 0, 0
SUITES = [tests, endurance, watching, channels, alarms, monitoring, answers, receipts, limits, sealing, keys, backups, drains, outages,
          fulldisk, upgrade, logs, records]
for test in [one for suite in SUITES for one in suite.ALL] + \
        ([one for suite in SUITES for one in getattr(suite, "LONG", [])] if long or names else []):
    if names and not any(name in test.__name__ for name in names):
        continue
    began = time.monotonic()
    try:
        said = test(binaries)
        passed += 1
        print(f"ok   {test.__name__} ({time.monotonic() - began:.1f} s){': ' + said if said else ''}", flush=True)
    except Exception:
        failed += 1
        print(f"FAIL {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        traceback.print_exc(file=sys.stdout)
print(f"cluster: {passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
