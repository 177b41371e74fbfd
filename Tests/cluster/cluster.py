"""A cluster of the real executables for tests: started, killed, asked; shares no code with what it tests."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import keyring
from powerloss import PowerLoss

ROOT = Path(__file__).resolve().parents[2]
TIERS = ["alert-intake", "scheduler", "escalator", "notifier"]
SECRET = "a secret of the cluster tests"


class Ports:
    """The part of the ports below the ephemeral range that this process gives out, one after the other: nobody listens on the port of
    a tier that a test has killed, and yet it is not free."""
    PART = 3_000
    first, given = 20_000, os.getpid() * 97

    @classmethod
    def of_lane(cls, number):
        cls.first = 20_000 + number * cls.PART


def free_ports(count):
    """Ports that nobody listens on, and that were not given out lately."""
    found = []
    while len(found) < count:
        Ports.given += 1
        port = Ports.first + Ports.given % Ports.PART
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                continue
    return found


def free_port():
    return free_ports(1)[0]


def free_base():
    """A base port for compose/up: nobody listens on the ports behind it that it uses."""
    while True:
        base = free_ports(16)[0]
        try:
            for port in [*range(base + 1, base + 7), base + 8, *range(base + 10, base + 15)]:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue


def eventually(what, seconds, condition, pause=0.05):
    """Waits until a condition holds; says what did not happen otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {seconds} s: {what}")
        time.sleep(pause)


def json_lines(path):
    """What a file of JSON lines says that another process writes meanwhile: its whole lines, and not what of the last one has come."""
    path = Path(path)
    *whole, _ = (path.read_bytes() if path.exists() else b"").split(b"\n")
    return [json.loads(line) for line in whole]


def bodies_of(entries):
    """(request, what its body says) of each request to a receiver but those that a kill of their sender cut off."""
    for entry in entries:
        try:
            body = json.loads(entry["body"])
        except json.JSONDecodeError:
            continue
        yield entry, body


def pages_of(entries):
    """What requests to the receiver handed over, each page of a digest too."""
    return [
        {**body, "signature": entry["signature"], "arrived_ms": entry["at_ms"], "connection": entry["connection"], **page}
        for entry, body in bodies_of(entries) for page in body.get("pages", [{}])]


class Receiver:
    """The webhook that stands for the outside world, and its account of what came."""

    def __init__(self, folder, name="received", port=0, prefix=(), options=()):
        self.out = folder / f"{name}.jsonl"
        self.secret = folder / "secret"
        if not self.secret.exists():
            self.secret.write_text(SECRET)
            self.secret.chmod(0o400)
        self.out.touch()
        self.process = subprocess.Popen(
            [*prefix, sys.executable, ROOT / "Tests/fixtures/webhook_receiver.py", "--out", self.out, "--secret-file", self.secret,
             "--port", str(port), *options],
            stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r"\d+", self.process.stdout.readline())[0])

    def requests(self):
        return json_lines(self.out)

    def received(self):
        """Every page that was handed over, each of a digest too: the request's body, with when it came, on which connection, and
        whether its signature was good."""
        return pages_of(self.requests())

    def stop(self):
        self.process.kill()
        self.process.wait()


class Cluster:
    def __init__(self, binaries, rate=1, extra=None, power=None, environment=None, watch=None, hook="", intakes=1, former=None):
        self.binaries = Path(binaries).resolve()
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-cluster-"))
        # One of several intakes behind an address list is a tier of its own: "alert-intake", "alert-intake-2", …
        self.intakes = ["alert-intake", *(f"alert-intake-{number}" for number in range(2, intakes + 1))]
        self.tiers = self.intakes + TIERS[1:]
        ports = free_ports(len(self.tiers) + intakes)
        self.ports = dict(zip(self.tiers, ports))
        self.sources_ports = dict(zip(self.intakes, ports[len(self.tiers):]))
        # Which tiers run an older release, and where its programs are.
        self.former = {tier: Path(former) for tier in self.tiers} if former else {}
        self.rate = rate
        self.extra = extra or {}
        self.environment = environment or {}
        self.watch = watch
        # Shifts end on this weekday: whoever is on call when a test begins still is when it ends.
        self.handoff = datetime.now(timezone.utc) + timedelta(days=3)
        self.processes = {}
        self.receiver = Receiver(self.folder, prefix=self.prefix("notifier"))
        self.hook = hook
        self.kills = 0
        # When each tier was killed, in milliseconds of the wall clock.
        self.deaths = []
        # With a library for power cuts: what each tier has not flushed is lost when it is killed.
        self.power = {tier: PowerLoss(power, self.folder / tier, self.folder / f"{tier}.notes") for tier in TIERS if power}
        self.undone = []

    def __enter__(self):
        self.keys = self.folder / "keys"
        subprocess.run([self.binaries / "tocsinctl", "keys", "init", "--keys", self.keys], check=True, stdout=subprocess.DEVNULL)
        keyring.learn(self.keys, {
            **{self.sources(tier): "alert-intake" for tier in self.intakes},
            **{self.endpoint(tier): "alert-intake" if tier in self.intakes else tier for tier in self.tiers}})
        for tier in self.tiers:
            self.start(tier)
        self.ctl("health", "--wait", "20")
        self.configure()
        return self

    def __exit__(self, kind, *_):
        for tier in list(self.processes):
            self.kill(tier, count=False)
        self.receiver.stop()
        keyring.forget()
        if kind is None:
            subprocess.run(["rm", "-rf", self.folder], check=True)
        else:
            print(f"    left for a look: {self.folder}")

    def endpoint(self, tier):
        return f"tcp://127.0.0.1:{self.ports[tier]}"

    def sources(self, intake="alert-intake"):
        """Where sources connect; every other method of intake is called at its endpoint."""
        return f"tcp://127.0.0.1:{self.sources_ports[intake]}"

    def prefix(self, tier):
        """What stands before a tier's command."""
        return []

    def log(self, tier):
        """Where a tier's lines go."""
        return open(self.folder / f"{tier}.log", "ab")

    def start(self, tier, *arguments):
        program = "alert-intake" if tier in self.intakes else tier
        command = [*self.prefix(tier), self.former.get(tier, self.binaries) / program, "--listen", self.endpoint(tier), "--data", self.folder / tier, "--keys", self.keys,
                   "--log-level", "notice"]
        peers = {"alert-intake": ["escalator", "scheduler", "notifier"], "scheduler": ["escalator", "notifier"],
                 "escalator": [*self.intakes, "scheduler", "notifier"], "notifier": [*self.intakes, "escalator"]}[program]
        for peer in peers:
            command += ["--intake" if peer in self.intakes else f"--{peer}", self.endpoint(peer)]
        if tier in self.intakes:
            command += ["--listen-sources", self.sources(tier)]
            if len(self.intakes) > 1 and "--intake-number" not in arguments:
                command += ["--intake-number", str(self.intakes.index(tier) + 1)]
                command += [part for intake in self.intakes for part in ("--intake", self.endpoint(intake))]
        if tier == "notifier":
            command += ["--pages", self.folder / "pages.log", "--allow-inward", "127.0.0.0/8,::1"]
        if self.rate != 1:
            command += ["--clock-rate", str(self.rate), "--clock-origin", self.folder / "clock-origin"]
        log = self.log(tier)
        self.processes[tier] = subprocess.Popen(
            [str(part) for part in [*command, *self.extra.get(tier, []), *arguments]], stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, env={**os.environ, **self.environment, **(self.power[tier].environment if self.power else {})})

    def kill(self, tier, count=True):
        process = self.processes.pop(tier, None)
        if process:
            self.deaths.append((tier, time.time() * 1000))
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.kills += count
            if self.power and count:
                self.undone.append(self.power[tier].strike())

    def stop(self, tier):
        """As an operator or a container ends a tier. Returns how many seconds that took."""
        process, began = self.processes.pop(tier), time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0, f"{tier} ended with {process.returncode}"
        return time.monotonic() - began

    def restart(self, tier):
        self.kill(tier)
        self.start(tier)

    def fast(self, wall_ms):
        """The tiers' clock at an instant of the wall clock, in milliseconds."""
        if self.rate == 1:
            return wall_ms
        wall, boot = map(int, (self.folder / "clock-origin").read_text().split())
        booted = time.time_ns() // 1_000_000 - time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return wall + (wall_ms - booted - boot) * self.rate

    def shipped(self):
        """A copy of the shipped configuration in which no shift ends while a test runs."""
        config = self.folder / "config"
        subprocess.run(["cp", "-rT", ROOT / "compose/config", config], check=True)
        rotations = (config / "rotations.yaml").read_text()
        (config / "rotations.yaml").write_text(rotations.replace("handoff: Monday", f"handoff: {self.handoff:%A}"))
        return config

    def configure(self, route=None):
        """The shipped configuration, with every channel sent to the webhook (or by another route), and without the watch unless
        one was given: it tells people of what these tests do to the tiers."""
        config = self.shipped()
        contacts = (config / "contacts.yaml").read_text()
        route = route or f"{{ provider: webhook, url: \"http://127.0.0.1:{self.receiver.port}/{self.hook}\", secret-file: {self.receiver.secret} }}"
        (config / "contacts.yaml").write_text(contacts.replace(": console", f": {route}"))
        if self.watch:
            (config / "watch.yaml").write_text(self.watch)
        else:
            (config / "watch.yaml").unlink()
        self.ctl("apply", "-f", config)

    def command(self, *arguments):
        """A tocsinctl that knows where this cluster is."""
        ports = [f"--{'intake' if tier in self.intakes else tier}={self.endpoint(tier)}" for tier in self.tiers]
        return [str(part) for part in [self.binaries / "tocsinctl", *arguments, *ports]]

    def ctl(self, *arguments, check=True, stdin=""):
        # Another cluster may run beside this one.
        own = {"TOCSIN_KEY_FILE": str(self.keys / "admin.secret")} if "TOCSIN_KEY_FILE" in os.environ else {}
        result = subprocess.run(self.command(*arguments), capture_output=True, text=True, input=stdin, env={**os.environ, **own})
        if check and result.returncode != 0:
            raise AssertionError(f"tocsinctl {' '.join(map(str, arguments))}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result.stdout if check else result

    def json(self, *arguments):
        return json.loads(self.ctl(*arguments, "-o", "json"))

    def primary(self):
        return self.json("oncall", "platform")["shifts"][0]["person"]
