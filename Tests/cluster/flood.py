"""One source with a key floods (test 19 of the reliability notes): it is told when to come again, and nobody else notices. Every source is a
pyzmq client with a key of its own."""
import json
import shutil
import sys
import threading
import time

import zmq

import keyring
from bystanders import Attack, Bystanders, Goal, Person, is_told_to_stop, percentile, stand_back
from cluster import Cluster, bodies_of, eventually
from keys import created
from wire import PUBLISH, crc32c, header, intake, key, rpc

RESOURCE_EXHAUSTED = 8
OTHERS, EACH = 20, 5
# A person's messages a minute besides first pages (requirement N5).
PER_MINUTE = 5


def alert(source, service, number):
    return intake.Event(
        action=intake.ACTION_TRIGGER, source=source, dedup_key=f"{source}/{number}", severity=3, summary=f"{source} says {number}",
        service=service, alert_class=f"kind_{number % 10}").SerializeToString()


class Others(threading.Thread):
    """Twenty sources that each have something to say five times a second, whatever became of the last; and one person who acknowledges."""

    def __init__(self, cluster, pairs):
        super().__init__(daemon=True)
        self.endpoint, self.pairs = cluster.sources(), pairs
        self.took, self.accepted, self.sent, self.wrong = [], {name: [] for name in pairs}, 0, []
        self.stops = threading.Event()

    def run(self):
        context, poller, sources = zmq.Context(), zmq.Poller(), {}
        for name, pair in self.pairs.items():
            one = context.socket(zmq.DEALER)
            one.setsockopt(zmq.LINGER, 0)
            one.setsockopt(zmq.SNDTIMEO, 30_000)
            one.curve_publickey, one.curve_secretkey = pair
            one.curve_serverkey = keyring.SERVERS[self.endpoint]
            one.connect(self.endpoint)
            sources[one] = name
            poller.register(one, zmq.POLLIN)
        waiting, number, began = {}, 0, time.monotonic()
        places = list(sources)
        last = None
        while waiting or not self.stops.is_set():
            due = began + number / (OTHERS * EACH)
            if not self.stops.is_set() and time.monotonic() >= due:
                number += 1
                one = places[number % OTHERS]
                payload = alert(sources[one], sources[one], number)
                one.send_multipart([header(PUBLISH, payload, number, key(), timeout_ms=30_000), payload])
                waiting[number] = due
                self.sent += 1
            for one, _ in poller.poll(max(0, 1000 * (due - time.monotonic())) if not self.stops.is_set() else 100):
                first, payload = one.recv_multipart()
                answer = rpc.Header.FromString(first)
                self.took.append((waiting.pop(answer.call_id), time.monotonic()))
                if answer.status == 0:
                    self.accepted[sources[one]].append(intake.PublishReply.FromString(payload).alert_id)
                else:
                    self.wrong.append(answer)
            if self.stops.is_set():
                last = last or time.monotonic()
                if time.monotonic() > last + 30:
                    break
        self.unanswered = len(waiting)
        for one in sources:
            one.close()

    def end(self):
        self.stops.set()
        self.join()
        assert not self.unanswered and not self.wrong, f"{self.unanswered} without an answer; {self.wrong[:3]}"

    def waited(self, since, until):
        """How long each waited whose alert was due then."""
        return [at - due for due, at in self.took if since <= due < until]


def messages_about(cluster, service):
    """When each person had a message, by what wakes them, that told of this service, alone or among others."""
    incidents = {one["id"] for one in everything(cluster) if one["service"] == service}
    found = {}
    for request, body in bodies_of(cluster.receiver.requests()):
        if body.get("person") and body["channel"] in ("push", "sms", "voice") and incidents & {
                page["incident"] for page in body.get("pages", [body])}:
            found.setdefault(body["person"], []).append(request["at_ms"])
    return found


def everything(cluster):
    """All incidents, a thousand at a time."""
    incidents, after = [], []
    while True:
        page = cluster.json("incident", "list", "--all", "--limit", "1000", *after)
        incidents += page.get("incidents", [])
        if not page.get("after"):
            return incidents
        after = ["--after", page["after"]]


def a_flood(binaries, per_second, seconds, limit=None, calm=4, least=0):
    """What one source does to the others and to people by so many a second for so long; `least` a second have to come of it, however busy
    this machine is."""
    with Cluster(binaries) as cluster:
        if limit:
            config = cluster.folder / "limited"
            shutil.copytree(cluster.folder / "config", config)
            alerts = config / "alerts.yaml"
            shipped = "{ per-second: 1000, burst: 10000 }"
            assert shipped in alerts.read_text()
            alerts.write_text(alerts.read_text().replace(shipped, f"{{ per-second: {limit[0]}, burst: {limit[1]} }}"))
            cluster.ctl("apply", "-f", config)
        pairs = {f"other-{number}": created(cluster, f"other-{number}", "source") for number in range(OTHERS)}
        created(cluster, "flood", "source")
        person, acknowledged = Person(cluster), []
        others = Others(cluster, pairs)
        others.start()

        def go_on(length, is_enough=lambda: True):
            """The person acknowledges ten times a second; since when."""
            begun = time.monotonic()
            while (now := time.monotonic()) < begun + length or not is_enough() and now < begun + max(60, 4 * length):
                acknowledged.append((time.monotonic(), person.took()))
                time.sleep(0.1)
            return begun

        def waited(since, until):
            return {"others": others.waited(since, until), "acknowledgements": [took for at, took in acknowledged if since <= at < until]}

        told, taken = None, 0
        for number in range(Bystanders.TRIES):
            calm_since = go_on(calm)
            flood = Attack(__file__, cluster.sources(), cluster.keys / "flood.secret", keyring.SERVERS[cluster.sources()].decode(), per_second,
                           seconds, number * 100_000_000)
            since = go_on(seconds, flood.is_enough)
            until = time.monotonic()
            told = json.loads(flood.end())
            taken += told["taken"]
            assert flood.is_enough() and told["sent"] >= least * (until - since), f"the flood was none: {told} in {until - since:.0f} s"
            assert told["refused"] > 0.5 * told["sent"] and told["with a time"] == told["refused"], told
            assert told["taken"] + told["refused"] == told["sent"], f"not every message of the flood was answered: {told}"
            alone, beside = waited(calm_since, since), waited(since, until)
            p99 = {name: (percentile(alone[name]), percentile(beside[name]), len(beside[name])) for name in beside}
            if all(later <= max(2 * before, Bystanders.FLOOR) for before, later, _ in p99.values()):
                break
        else:
            raise AssertionError(f"each time somebody waited twice as long, such as (before, beside, of how many): {p99}")
        others.end()
        said = [f"p99 of {count} {name} {before:.1f} -> {later:.1f} ms" for name, (before, later, count) in p99.items()]

        # Whatever was answered OK is an incident, or part of one.
        assert sum(len(set(ids)) for ids in others.accepted.values()) == others.sent

        def parts():
            found = {}
            for one in everything(cluster):
                found[one["service"]] = found.get(one["service"], 0) + 1 + int(one.get("more_alerts", 0))
            return found

        wanted = {name: len(ids) for name, ids in others.accepted.items()} | {"flood": taken}
        eventually("an incident for all that was answered OK", 180, lambda: (found := parts()) and all(
            found.get(name, 0) == count for name, count in wanted.items()), pause=0.5)
        about = messages_about(cluster, "flood")
        assert about, "nobody heard of the flood"
        for name, times in about.items():
            minutes = [sum(at <= other < at + 60_000 for other in times) for at in times]
            # Its first page comes by each channel until one has taken it.
            assert max(minutes) <= PER_MINUTE + 1, f"{name} had {max(minutes)} messages about the flood within a minute"
        most = max(map(len, about.values()))
        return (f"{told['sent']} in {until - since:.0f} s, {told['taken']} taken, {told['refused']} told to come again; {', '.join(said)}; "
                f"{others.sent} of others, none lost; {most} messages for whoever had most of them")


def one_source_floods_and_nobody_else_notices(binaries):
    """Far above what it may: 4,000 a second where 40 are allowed."""
    return a_flood(binaries, 4_000, 5, limit=(40, 80))


def one_source_floods_for_ten_minutes(binaries):
    """As test 19 says: 20,000 a second for ten minutes, with the limit that is shipped."""
    return a_flood(binaries, 20_000, 600, calm=30, least=18_000)


ALL = [one_source_floods_and_nobody_else_notices]
LONG = [one_source_floods_for_ten_minutes]


def flood(endpoint, secret, server, per_second, seconds, first):
    """Sends until it is told to stop, then waits for all answers."""
    socket = zmq.Context().socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    socket.curve_publickey, socket.curve_secretkey = keyring.pair(secret)
    socket.curve_serverkey = server.encode()
    socket.setsockopt(zmq.SNDHWM, 4_000)
    socket.connect(endpoint)
    goal = Goal(per_second * seconds)
    told = {"sent": 0, "taken": 0, "refused": 0, "with a time": 0, "other": 0}
    answered, began = 0, time.monotonic()
    # Written over for each message: anew they take Python four times as long.
    event = intake.Event.FromString(alert("flood", "flood", 0))
    head = rpc.Header.FromString(header(PUBLISH, b"", 1, key(), timeout_ms=30_000))

    def hear(wait):
        nonlocal answered
        while socket.poll(wait):
            while True:
                try:
                    first = socket.recv_multipart(zmq.NOBLOCK)[0]
                except zmq.Again:
                    break
                answer = rpc.Header.FromString(first)
                answered += 1
                told["taken"] += answer.status == 0
                told["refused"] += answer.status == RESOURCE_EXHAUSTED
                told["with a time"] += answer.status == RESOURCE_EXHAUSTED and answer.retry_pushback_ms > 0
                told["other"] += answer.status not in (0, RESOURCE_EXHAUSTED)
            wait = 0

    while not is_told_to_stop():
        due = int((time.monotonic() - began) * per_second)
        for number in range(told["sent"], min(due, told["sent"] + 200)):
            event.dedup_key = f"flood/{first + number}"
            event.alert_class = f"kind_{number % 10}"
            payload = event.SerializeToString()
            head.call_id, head.idempotency_key, head.payload_crc32c = number + 1, key(), crc32c(payload)
            socket.send_multipart([head.SerializeToString(), payload])
            told["sent"] += 1
        goal.reached(told["sent"])
        hear(0 if told["sent"] < due else 1)
    until = time.monotonic() + 30
    while answered < told["sent"] and time.monotonic() < until:
        hear(100)
    print(json.dumps(told))


if __name__ == "__main__":
    endpoint, secret, server, *numbers = sys.argv[1:]
    stand_back()
    flood(endpoint, secret, server, *map(int, numbers))
