"""From an older release to this one and back while it runs: each tier beside older and newer ones, in several orders. By
Tests/cluster/upgrade."""
import os
import re
import subprocess
import urllib.request
from pathlib import Path

from account import duplicates
from cluster import TIERS, Cluster, eventually, free_ports
from edge import firing
from senders import Gateway


def a_cluster_is_upgraded_a_tier_at_a_time(binaries):
    """An alert is in flight at each step: opened before a tier is replaced, acknowledged after, resolved one step later still."""
    if "TOCSIN_FORMER" not in os.environ:
        return "LEFT OUT: Tests/cluster/upgrade says which older programs to begin with"
    former = Path(os.environ["TOCSIN_FORMER"])
    return "; ".join(upgrade(binaries, former, order) for order in ORDERS)


# As they stand, the other way, and so that each of two neighbours is the newer one once.
ORDERS = [
    TIERS, list(reversed(TIERS)), ["escalator", "alert-intake", "notifier", "scheduler"], ["scheduler", "notifier", "alert-intake", "escalator"]]


def nobody_heard_of_a_method_that_is_not_there(cluster, figures):
    """UNIMPLEMENTED reaches no user (a command that is answered so fails by itself), and no other tier, by what the tiers' handlers that run
    have counted and by all logs."""
    for tier, port in figures.items():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            counted = re.findall(r'^tocsin_answers_total\{[^}]*"UNIMPLEMENTED"[^}]*\} (\S+)', answer.read().decode(), re.M)
        assert not any(float(count) for count in counted), f"{tier} has answered UNIMPLEMENTED {counted} times"
    for log in cluster.folder.glob("*.log"):
        found = [line for line in log.read_text().splitlines() if "UNIMPLEMENTED" in line or "has no method" in line or "no such method" in line]
        assert not found, f"{log.name}: {found[:3]}"


def upgrade(binaries, former, order):
    has_gateway = (former / "gateway").exists()
    knows = subprocess.run([former / "escalator", "--help"], capture_output=True, text=True).stdout
    figures = dict(zip(TIERS, free_ports(len(TIERS)))) if "--metrics" in knows else {}
    extra = {tier: ["--metrics", f"127.0.0.1:{port}"] for tier, port in figures.items()}
    with Cluster(binaries, former=former, extra=extra) as cluster:
        open_ones, steps = [], 0

        def state(incident):
            return cluster.json("incident", "show", incident)["incident"]["state"]

        def paged():
            return {page["incident"] for page in cluster.receiver.received() if page["signature"] == "good"}

        def alert(key):
            return cluster.json("alert", "send", "--severity", "SEV-2", "--source", "cluster", "--service", f"service-{key}", "--key", key,
                                key)["alert_id"]

        def go_on(what):
            """One more opens; the one before is acknowledged; the one before that is resolved by its source."""
            nonlocal steps
            steps += 1
            open_ones.append(alert(f"step-{steps}"))
            eventually(f"{what}: its page", 15, lambda: open_ones[-1] in paged())
            if steps > 1:
                cluster.ctl("incident", "ack", open_ones[-2], "--by", cluster.primary())
                eventually(f"{what}: acknowledged", 10, lambda: state(open_ones[-2]) == "INCIDENT_STATE_ACKNOWLEDGED")
            if steps > 2:
                cluster.ctl("alert", "send", "--action", "resolve", "--source", "cluster", "--key", f"step-{steps - 2}")
                eventually(f"{what}: resolved", 10, lambda: state(open_ones[-3]) == "INCIDENT_STATE_RESOLVED")

        def replace(tier, by, what):
            """An alert is in flight while the tier is away. Returns False where the older one can't read what the newer one wrote, and says
            so: then the newer one goes on."""
            in_flight = alert(f"in-flight-{what}-{tier}")
            nobody_heard_of_a_method_that_is_not_there(cluster, figures)
            took = cluster.stop(tier)
            assert took < 2, f"{tier} took {took:.1f} s to stop"
            cluster.former.pop(tier, None)
            if by:
                cluster.former[tier] = by
            log = cluster.folder / f"{tier}.log"
            before = len(log.read_text())
            cluster.start(tier)
            came = eventually(f"{tier} is {what}", 30, lambda: cluster.processes[tier].poll() is not None and "ended"
                              or cluster.ctl("health", check=False).returncode == 0 and "serves")
            if came == "ended":
                said = log.read_text()[before:]
                assert by and re.search(r"row \d+ (is of kind|can't be read)", said), said
                cluster.former.pop(tier)
                cluster.start(tier)
                cluster.ctl("health", "--wait", "20")
            eventually(f"{tier} is {what}: what was in flight is paged", 20, lambda: in_flight in paged())
            go_on(f"{tier} is {what}")
            assert gateway.post("/alertmanager", {"version": "4", "alerts": [firing(steps)]}, "load")[0] == 200
            return came == "serves"

        gateway = Gateway(cluster, "load", former=former if has_gateway else None)
        try:
            go_on("all old")
            go_on("all old")
            for tier in order:
                assert replace(tier, None, "new")
            gateway.stop()
            gateway.former = None
            gateway.start()
            assert gateway.post("/alertmanager", {"version": "4", "alerts": [firing(100)]}, "load")[0] == 200
            go_on("all new")
            cluster.ctl("apply", "-f", cluster.folder / "config")
            go_on("all new, and the configuration applied once more")
            if has_gateway:
                gateway.stop()
                gateway.former = former
                gateway.start()
            stayed = [tier for tier in order if not replace(tier, former, "old again")]
            go_on("rolled back")
            timeline = cluster.ctl("incident", "timeline", open_ones[0])
            assert all(word in timeline for word in ["acknowledged", "resolved"]), timeline
            silent, marked = duplicates(cluster.receiver.received())
            assert not silent and not marked, f"handed over twice: {silent[:5]}, {marked} marked as possible repeats"
            owed = cluster.ctl("health", check=False).stdout
            assert " owes " not in owed, owed
            nobody_heard_of_a_method_that_is_not_there(cluster, figures)
        finally:
            gateway.kill()
        back = f"but {', '.join(stayed)}, which the older one can't read any more" if stayed else "all of them"
        return f"{' → '.join(order)} and back, {back}: {steps} alerts and {2 * len(order)} in flight, each paged once"


ALL = []
LONG = [a_cluster_is_upgraded_a_tier_at_a_time]
