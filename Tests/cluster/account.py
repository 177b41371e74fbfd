"""The outside's account of a run: sources that keep what was answered OK, people who answer, and whether everybody heard
what the policy demands, when it demands it."""
import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from cluster import json_lines, pages_of
from policy import Policy
from wire import ACKNOWLEDGE, RESOLVE, Client, escalation, key

HERE = Path(__file__).resolve().parent
MINUTE = 60_000
# How late one step may be, in real seconds: a tier that was just killed is back, connected and at work again within it.
SLACK = 5


def source(cluster, account, count, per_second, first=0):
    """A process that publishes numbered alerts and writes down each OK."""
    return subprocess.Popen(
        [sys.executable, HERE / "source.py", cluster.sources(), account, str(count), str(per_second), str(first)])


def accepted(account):
    return json_lines(account)


class Followed:
    """A file of JSON lines that grows: what was read once is not read again. For runs whose files become large."""

    def __init__(self, path):
        self.path, self.read, self.rest = path, 0, b""

    def lines(self):
        """What is new since the last time."""
        if not self.path.exists():
            return []
        with open(self.path, "rb") as file:
            file.seek(self.read)
            part = file.read()
        self.read += len(part)
        *whole, self.rest = (self.rest + part).split(b"\n")
        return [json.loads(line) for line in whole]


class FirstPages:
    """Which incidents have had their first page, asked again and again while a receiver's file grows."""

    def __init__(self, receiver):
        self.requests, self.incidents = Followed(receiver.out), set()

    def now(self):
        self.incidents |= duty_pages(pages_of(self.requests.lines()))
        return self.incidents


def duty_pages(received):
    """First pages by incident: hand-overs of the page numbered 1."""
    return {body["incident"] for body in received if re.fullmatch(r".+/.+/1", body["page"])}


def duplicates(received):
    """Hand-overs that came again without saying so, and how many said so. By the attempt and not by the order of arrival: what was cut off on
    its way may come after its repeat, and couldn't know of it."""
    attempts, silent, marked = {}, [], 0
    for body in received:
        attempts.setdefault(body["id"], []).append(body["attempt"])
    for body in received:
        first = sum(attempt <= body["attempt"] for attempt in attempts[body["id"]]) == 1
        if not first and not body["repeat"]:
            silent.append(f"{body['id']}, attempt {body['attempt']}")
        marked += body["repeat"]
    return silent, marked


# For how long, in milliseconds, a hand-over may be under way once it has arrived: the receiver's answer, and the notifier's flush, on a
# busy machine.
IN_FLIGHT = 2_000
# The receiver notes an arrival when it gets to it, which may be after its sender has died.
LATE_NOTE = 250
# How long after a death what was cut off comes again: the notifier is started at once, and may be killed again before it is up.
BACK_WITHIN = 15_000


def repeats(received, deaths):
    """How many hand-overs say that they may be repeats, and how many of them did come twice; and those that no death of the notifier
    accounts for, each page judged by its own key.

    What accounts for a repeat is a death while the receiver had that very hand-over in hand: not one that came before it arrived or long
    after it was answered, and none after which it was sent by a process that had been there before, which its connection shows. Where
    nothing had arrived yet, a death shortly before must have been in between. Each death accounts for one repeat of a key; that the
    notifier died while something else was under way accounts for nothing."""
    died = sorted(at for tier, at in deaths if tier == "notifier")
    opened = {}
    for body in received:
        opened[body["connection"]] = min(body["arrived_ms"], opened.get(body["connection"], body["arrived_ms"]))
    arrivals = {}
    for body in sorted(received, key=lambda body: body["arrived_ms"]):
        arrivals.setdefault(body["id"], []).append(body)
    marked, twice, unaccounted = 0, 0, []
    for id, bodies in arrivals.items():
        left = list(died)
        for before, body in zip([None, *bodies], bodies):
            if not body["repeat"]:
                continue
            at, since = body["arrived_ms"], opened[body["connection"]]
            blamed = [death for death in left if death < since and (
                opened[before["connection"]] - LATE_NOTE <= death and -LATE_NOTE <= death - before["arrived_ms"] <= IN_FLIGHT
                if before else at - death <= BACK_WITHIN)]
            marked, twice = marked + 1, twice + (before is not None)
            if blamed:
                left.remove(blamed[-1])
            else:
                unaccounted.append(f"{id}, attempt {body['attempt']}, {before and at - before['arrived_ms']} ms after the one before")
    return marked, twice, unaccounted


class People(threading.Thread):
    """Answers some of the alerts a little after they were accepted: every sixth is resolved, every sixth acknowledged."""

    def __init__(self, cluster, account):
        super().__init__(daemon=True)
        self.cluster, self.account = cluster, account
        self.client = Client(cluster.endpoint("escalator"))
        # By incident: what was answered, and when its OK came (wall clock).
        self.answers = {}
        self.failure = None
        self.over = threading.Event()

    def run(self):
        try:
            while not self.over.wait(0.1):
                for entry in accepted(self.account):
                    if entry["number"] % 6 in (3, 5) and entry["id"] not in self.answers \
                            and time.time() * 1000 > entry["accepted_ms"] + 1_500:
                        self._answer(entry)
        except Exception as failure:
            self.failure = failure

    def _answer(self, entry):
        resolves = entry["number"] % 6 == 3
        kind, path = (escalation.ResolveRequest, RESOLVE) if resolves else (escalation.AcknowledgeRequest, ACKNOWLEDGE)
        request = kind(incident_id=entry["id"], by="dee")
        began = time.time() * 1000
        # NOT_FOUND: the escalator has not heard of it yet. Each attempt that is refused for good needs a key of its own.
        self.client.until_ok(path, request.SerializeToString(), key(), again=(4, 5, 8, 10, 14))
        self.answers[entry["id"]] = (resolves, began, time.time() * 1000)

    def end(self):
        self.over.set()
        self.join()
        self.client.close()
        if self.failure:
            raise self.failure


def check(cluster, entries, answers, received, end_ms):
    """Holds what the webhook got against what the policy demands of every accepted alert. Returns how many demands there
    were, and how late the latest of them was met (in minutes of the tiers' clock)."""
    policy = Policy(cluster.fast(end_ms), cluster.folder / "config")
    slack = SLACK * cluster.rate / 60
    heard = {}
    for body in received:
        if body["person"]:
            heard.setdefault(body["incident"], []).append((cluster.fast(body["arrived_ms"]), body))
    faults, demanded, latest = [], 0, 0.0
    for entry in entries:
        told = cluster.fast(entry["accepted_ms"] - entry["took"] * 1000)
        kept = cluster.fast(entry["accepted_ms"])
        answer = answers.get(entry["id"])
        until = (cluster.fast(answer[1] if answer else end_ms) - kept) / MINUTE
        bodies = heard.get(entry["id"], [])
        name = f"{entry['id']} (SEV-{entry['severity']})"
        for demand in policy.demands(entry["severity"], until):
            deadline = demand.latest + (demand.hops + 1) * slack
            if deadline > until:
                continue
            demanded += 1
            met = [at for at, body in bodies if body["person"] == demand.person and body["channel"] == demand.channel
                   and told + demand.due * MINUTE - 2_000 <= at <= kept + deadline * MINUTE]
            if met:
                latest = max(latest, (min(met) - kept) / MINUTE - demand.latest)
            else:
                faults.append(f"{name}: {demand.person} did not hear by {demand.channel} at {demand.due} min")
        for at, body in bodies:
            if not policy.is_open(body["person"], body["channel"], entry["severity"]):
                faults.append(f"{name}: {body['person']} was reached by {body['channel']}, kept for other severities")
        first = policy.earliest(entry["severity"])
        for at, body in bodies:
            after = (at - told) / MINUTE
            is_duty = not re.match(r"(\(possible repeat\) )?(Heads-up|Reminder|For your information): ", body["text"])
            if is_duty and body["channel"] == "push" and not answer and after + 0.1 < first.get(body["person"], 1e9):
                faults.append(f"{name}: {body['person']} was paged after {after:.1f} min, not {first.get(body['person'])}")
        if answer:
            resolved, began, known = answer
            answered = (cluster.fast(known) - kept) / MINUTE
            # An answer counts for the sender when its OK is there; what follows from it may count from its first attempt.
            quiet = 1e9 if resolved else policy.quiet_until(entry["severity"], (cluster.fast(began) - told) / MINUTE)
            for at, body in bodies:
                after = (at - kept) / MINUTE
                if answered + slack < after and (at - told) / MINUTE < quiet - 0.1:
                    faults.append(f"{name}: {body['person']} was paged {after - answered:.1f} min after the answer: {body['text']}")
    assert not faults, f"{len(faults)} of {demanded}: " + "; ".join(faults[:8])
    return demanded, latest
