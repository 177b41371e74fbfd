"""Those who go on while others attack: a person who acknowledges, a source that publishes; and how much longer they wait for it."""
import os
import select
import subprocess
import sys
import time

from wire import ACKNOWLEDGE, PUBLISH, Client, escalation, event, key

# Attackers have machines of their own: they get what of the processors those leave whom they attack.
POLITENESS = 10


class Person:
    """Somebody who acknowledges one incident again and again at the escalator. It is another's, so that each time is a fact on disk."""

    def __init__(self, cluster):
        self.client = Client(cluster.endpoint("escalator"))
        owner = cluster.primary()
        self.by = next(person for person in ("ana", "ben", "cai", "dee") if person != owner)
        source = Client(cluster.sources())
        self.incident = source.publish_until_ok(event(424_242, 4, "what the bystanders acknowledge"), key())[0].alert_id
        source.close()
        # Until the escalator knows of it, and is the other's.
        self.client.until_ok(ACKNOWLEDGE, self.request(owner), key(), again=(4, 5, 8, 10, 14))

    def request(self, by):
        return escalation.AcknowledgeRequest(incident_id=self.incident, by=by).SerializeToString()

    def took(self):
        """Seconds from the call until the OK."""
        began = time.monotonic()
        answer = self.client.call(ACKNOWLEDGE, self.request(self.by), key(), wait=10)
        assert answer and answer[0].status == 0, f"an acknowledgement was answered {answer}"
        return time.monotonic() - began


class Source:
    """Publishes an alert again and again at the sources' door, on the connection that it has."""

    def __init__(self, cluster):
        self.client = Client(cluster.sources())
        self.cluster = cluster

    def took(self):
        began = time.monotonic()
        answer = self.client.call(PUBLISH, event(424_243, 4, "what the bystanders report"), key(), wait=10)
        assert answer, f"no answer; ended: {self.cluster.processes['alert-intake'].poll()}"
        assert answer[0].status == 0, answer[0]
        return time.monotonic() - began


class Bystanders:
    """One of each, by turns, and what they wait before anything happens and while it does."""

    # Milliseconds: what is less is as good as before, whatever the ratio. Measured: as much comes and goes by itself on two busy cores.
    FLOOR = 20
    # Another test that builds something beside this one costs once; whoever is really in the way is so each time.
    TRIES = 3

    def __init__(self, cluster):
        self.all = {"acknowledgement": Person(cluster), "alert": Source(cluster)}
        self.go_on(20)
        self.before = None

    def go_on(self, count):
        """So often; how long each waited."""
        took = {name: [] for name in self.all}
        for _ in range(count):
            for name, one in self.all.items():
                took[name].append(one.took())
            time.sleep(0.005)
        return took

    def compared(self, begin, seconds, looking=lambda: None, floor=FLOOR):
        """`begin` begins an attack: what it returns says when it has been enough, and is told to end. Nobody may wait twice as long as
        before it. Says how long they did, and what the last attack said at its end. Meanwhile `looking` is called now and then."""
        for number in range(self.TRIES):
            if number or not self.before:
                self.before = self.go_on(200)
            during = {name: [] for name in self.all}
            attack, began = begin(), time.monotonic()
            try:
                while time.monotonic() < began + seconds or not attack.is_enough() and time.monotonic() < began + 30:
                    for name, took in self.go_on(20).items():
                        during[name] += took
                    looking()
            finally:
                heard = attack.end()
            assert attack.is_enough(), f"the attack was none: {heard}"
            p99 = {name: (percentile(self.before[name]), percentile(during[name])) for name in self.all}
            if all(beside <= max(2 * alone, floor) for alone, beside in p99.values()):
                again = f" at the {number + 1}. try" if number else ""
                return f"p99{again}: " + ", ".join(
                    f"{name} {alone:.1f} -> {beside:.1f} ms ({len(during[name])})" for name, (alone, beside) in p99.items()), heard
        raise AssertionError(f"each time somebody waited twice as long, such as {p99} ms; {heard}")


class Attack:
    """A process of its own that attacks until it is told to stop: it says "begun", "enough", and at its end how it went."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.said = b""
        assert self.process.stdout.readline() == b"begun\n"
        os.set_blocking(self.process.stdout.fileno(), False)

    def is_enough(self):
        self.said += self.process.stdout.read() or b"" if self.process.returncode is None else b""
        return b"enough\n" in self.said

    def end(self):
        try:
            assert self.process.poll() is None, "the attack ended before its time"
            os.set_blocking(self.process.stdout.fileno(), True)
            heard, _ = self.process.communicate(timeout=60)
        finally:
            self.process.kill()
            self.process.wait()
        self.said += heard
        words = self.said.decode().replace("enough\n", "").strip()
        assert self.process.returncode == 0, words
        return words


def percentile(took, part=0.99):
    """Of seconds, in milliseconds."""
    return 1000 * sorted(took)[max(0, int(len(took) * part) - 1)]


def stand_back():
    """What an attacker's process does first."""
    os.nice(POLITENESS)
    print("begun", flush=True)


def is_told_to_stop():
    return bool(select.select([sys.stdin], [], [], 0)[0])


class Goal:
    """How much of an attack is enough."""

    def __init__(self, most):
        self.most = most

    def reached(self, count):
        if self.most and count >= self.most:
            self.most = 0
            print("enough", flush=True)
