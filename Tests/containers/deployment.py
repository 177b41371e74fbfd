"""compose/compose.yaml with a webhook and a source beside it: built, started, killed, cut off and asked by an engine's commands."""
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TIERS = {"alert-intake": 11, "scheduler": 12, "escalator": 13, "notifier": 14}
# The webhook of compose.yaml beside this file: the gateway has .20.
RECEIVER = 30
SEVERAL = ROOT / "compose/compose.intakes.yaml"
BASE = "debian:bookworm-slim"
SWIFT = "swift:6.3-bookworm"


class Missing(Exception):
    pass


def run(*command, check=True, timeout=1800, raw=False, **other):
    """`raw`: what it says are bytes."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=not raw, timeout=timeout, **other)
    if check and result.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def found_engine():
    """The engine and how its compose is called: what CONTAINER_ENGINE names, else docker or podman, whichever is complete."""
    wanted = os.environ.get("CONTAINER_ENGINE")
    lacking = []
    for engine, compose in [("docker", ["docker", "compose"]), ("podman", ["podman-compose"])]:
        if wanted not in (None, engine):
            continue
        if not shutil.which(engine):
            lacking.append(f"{engine} is not installed")
        elif run(engine, "info", check=False).returncode != 0:
            lacking.append(f"{engine} does not work ({engine} info says why)")
        elif not shutil.which(compose[0]) or run(*compose, "version", check=False).returncode != 0:
            lacking.append(f"{engine} works, and {' '.join(compose)} is missing")
        else:
            return engine, compose
    raise Missing("no container engine: " + "; ".join(lacking))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Deployment:
    def __init__(self, prebuilt):
        self.engine, self.compose_command = found_engine()
        self.checker = shutil.which("docker-compose")
        if not self.checker:
            raise Missing("docker-compose is not installed, whose check compose.yaml passes too (apt-get install docker-compose)")
        self.prebuilt = prebuilt
        for image in [BASE] + ([] if prebuilt else [SWIFT]):
            if run(self.engine, "image", "inspect", image, check=False).returncode != 0 \
                    and run(self.engine, "pull", "-q", image, check=False).returncode != 0:
                raise Missing(f"there is no image {image}, and none can be pulled")
        self.project = f"tocsin-test-{os.getpid()}"
        number = 100 + os.getpid() % 100
        self.net, self.monitoring_net = f"10.89.{number}", f"10.90.{number}"
        self.prometheus = free_port()
        self.callbacks = free_port()
        self.http = free_port()
        self.files = [ROOT / "compose/compose.yaml", HERE / "compose.yaml"]
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-containers-"))
        self.folder.chmod(0o777)
        (self.folder / "secret").write_text(secrets.token_hex())
        self.environment = {
            **os.environ, "COMPOSE_PROJECT_NAME": self.project, "TOCSIN_NET": self.net,
            "TOCSIN_MONITORING_NET": self.monitoring_net, "TOCSIN_SOURCES_NET": f"10.91.{number}",
            "TOCSIN_HTTP_PORT": str(self.http), "TOCSIN_ALLOW_INWARD": f"{self.net}.{RECEIVER}",
            "TOCSIN_IMAGE": "tocsin:test", "TOCSIN_TEST_IMAGE": "tocsin-receiver:test",
            "TOCSIN_SOURCES_PORT": str(free_port()), "TOCSIN_CALLBACKS_PORT": str(self.callbacks), "TOCSIN_LOG_LEVEL": "info",
            "TOCSIN_CALLBACK_URL": "https://tocsin.example.com",
            "TOCSIN_CONFIG": str(self._configuration()), "TOCSIN_SECRETS": str(self._secrets()),
            "TOCSIN_GATEWAY_SECRETS": str(self._gateway_secrets()),
            "TOCSIN_BACKUPS": str(self._backups()),
            "TOCSIN_TEST_RULES": str(ROOT / "compose/prometheus"), "TOCSIN_TEST_PROMETHEUS": str(self.prometheus),
            "TOCSIN_SOURCES_PORT_2": str(free_port()), "TOCSIN_TEST_INTAKES": "tcp://alert-intake:7101",
            "TOCSIN_TEST_ACCOUNT": str(self.folder), "TOCSIN_TEST_SOURCE": str(HERE / "source"),
            "PODMAN_COMPOSE_WARNING_LOGS": "false",
        }

    def _configuration(self):
        """The shipped one, with every channel sent to the webhook, and without the watch: it tells people of what is done here."""
        config = self.folder / "config"
        shutil.copytree(ROOT / "compose/config", config)
        route = f'{{ provider: webhook, url: "http://{self.net}.{RECEIVER}:8080/", secret-file: /etc/tocsin/webhook.key }}'
        contacts = (config / "contacts.yaml").read_text()
        (config / "contacts.yaml").write_text(contacts.replace(": console", f": {route}"))
        (config / "watch.yaml").unlink()
        return config

    def _secrets(self):
        folder = self.folder / "secrets"
        (folder / "every-tier").mkdir(parents=True)
        key = folder / "webhook.key"
        key.write_text((self.folder / "secret").read_text())
        key.chmod(0o400)
        os.chown(key, 10001, 10001)
        return folder

    def _gateway_secrets(self):
        folder = self.folder / "gateway-secrets"
        folder.mkdir()
        for name in ["tls.pem", "tls.key"]:
            (folder / name).write_text("for the gateway alone\n")
        return folder

    def _backups(self):
        folder = self.folder / "backups"
        folder.mkdir(mode=0o700)
        os.chown(folder, 10001, 10001)
        return folder

    # Building and starting

    def check_files(self, say):
        """Whether other checkers than the engine's own accept compose.yaml too."""
        shipped = ["-f", ROOT / "compose/compose.yaml"]
        for files in [shipped, [*shipped, "-f", SEVERAL]]:
            run(self.checker, *files, "config", "-q")
        version = run(self.checker, "version", "--short").stdout.strip()
        say(f"docker-compose {version} accepts compose.yaml, alone and with compose.intakes.yaml")

    def build(self):
        """Returns how long it took."""
        began = time.monotonic()
        binaries = "build"
        if self.prebuilt:
            built = ROOT / self.prebuilt
            if not (built / "tocsin-tier").exists():
                raise Missing(f"--prebuilt: {self.prebuilt}/tocsin-tier is not built (swift build -c release)")
            shutil.rmtree(ROOT / ".build/container", ignore_errors=True)
            run(ROOT / "compose/gather", built, ROOT / ".build/container")
            binaries = "prebuilt"
        run(self.engine, "build", "--network=host", "-f", ROOT / "compose/Dockerfile", "--build-arg", f"BINARIES={binaries}",
            "-t", "tocsin:test", ROOT, timeout=3600)
        run(self.engine, "build", "--network=host", "-f", HERE / "Dockerfile", "-t", "tocsin-receiver:test", ROOT / "Tests")
        return time.monotonic() - began

    def compose(self, *arguments, **other):
        return run(
            *self.compose_command, *(part for file in self.files for part in ("-f", file)), *arguments,
            env=self.environment, **other)

    def ask_engine(self, *arguments, raw=False):
        return run(self.engine, *arguments, raw=raw).stdout

    def up(self, *services):
        self.compose("up", "--detach", *(services or ["keys", *TIERS, "gateway", "configuration", "receiver", "prometheus"]), timeout=120)

    def several_intakes(self):
        """From one intake to two: each tier that must know of it is made anew, as `up` does where its environment has changed."""
        self.files.insert(1, SEVERAL)
        net = self.environment["TOCSIN_SOURCES_NET"]
        self.environment["TOCSIN_TEST_INTAKES"] = f"tcp://{net}.11:7101 tcp://{net}.16:7101"
        for tier in ["alert-intake", "escalator", "notifier", "gateway"]:
            self.remove(tier)
        self.up("alert-intake", "alert-intake-2", "escalator", "notifier", "gateway")

    def backup(self, *command):
        """By the job that compose.yaml has for it; without a command, its own."""
        return self.compose("--profile", "backup", "run", "--rm", "backup", *command, timeout=300).stdout

    def lose_disk(self, tier):
        """The tier's container and its volume are gone; another volume of that name is made when it is next asked for."""
        self.remove(tier)
        volume = {"alert-intake": "intake"}.get(tier, tier)
        run(self.engine, "volume", "rm", f"{self.project}_{volume}")

    def down(self):
        for container in self._ids(everything=True):
            run(self.engine, "rm", "-f", "-v", "--time", "1", container, check=False)
        self.compose("--profile", "backup", "down", "--volumes", check=False, timeout=120)
        shutil.rmtree(self.folder, ignore_errors=True)

    def monitored(self):
        """What the Prometheus knows: how many targets it reaches, of which programs the gateway has the figures, and the alarms that ring."""
        def ask(path):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.prometheus}/api/v1/{path}", timeout=5) as answer:
                return json.load(answer)["data"]
        try:
            up = sum(target["health"] == "up" for target in ask("targets")["activeTargets"])
            tiers = {series["metric"]["tier"] for series in ask("query?query=tocsin_tier_up%3D%3D1")["result"]}
            return up, tiers, {alarm["labels"]["alertname"] for alarm in ask("alerts")["alerts"] if alarm["state"] == "firing"}
        except OSError:
            return 0, set(), set()

    def answered(self, path):
        """What the notifier's published port of callbacks says: the status, and the words."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.callbacks}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def posted(self, number):
        """What the gateway's published port says to an Alertmanager that tells of an alert: the status, and how long that took."""
        lines = self.inside("gateway", "cat", "/gateway/alertmanager.http-key").splitlines()
        key = next(line for line in lines if not line.startswith("#"))
        alert = {"status": "firing", "labels": {"alertname": "Posted", "severity": "critical", "service": f"posted-{number}"},
                 "annotations": {"summary": f"posted {number}"}, "startsAt": "2026-11-24T00:00:00Z", "fingerprint": f"{number:016x}"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http}/alertmanager?token={key}", json.dumps({"version": "4", "alerts": [alert]}).encode(),
            {"Content-Type": "application/json"})
        began = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, time.monotonic() - began
        except urllib.error.HTTPError as refused:
            return refused.code, time.monotonic() - began

    def known(self, source):
        """The keys of a source that some intake has."""
        # Which knows every intake there is: it is made anew where another one comes.
        listed = json.loads(self.inside("escalator", "tocsinctl", "alert", "list", "--source", source, "-o", "json"))
        return {alert["dedup_key"] for alert in listed.get("alerts", [])}

    # Containers

    def _ids(self, service=None, everything=False):
        filters = ["--filter", f"label=com.docker.compose.project={self.project}"]
        if service:
            filters += ["--filter", f"label=com.docker.compose.service={service}"]
        return run(self.engine, "ps", *(["-a"] if everything else []), *filters, "-q").stdout.split()

    def container(self, service):
        ids = self._ids(service, everything=True)
        assert len(ids) == 1, f"{service} has {len(ids)} containers"
        return ids[0]

    def inspect(self, service):
        return json.loads(run(self.engine, "inspect", self.container(service)).stdout)[0]

    def inside(self, service, *command, check=True):
        result = run(self.engine, "exec", self.container(service), *command, check=False, timeout=60)
        assert not check or result.returncode == 0, f"{service}: {command}: {result.stdout}{result.stderr}"
        return result.stdout + result.stderr

    def is_healthy(self, service):
        """By the health check that compose.yaml gave the container."""
        ids = self._ids(service)
        if len(ids) != 1:
            return False
        check = self.inspect(service)["Config"]["Healthcheck"]["Test"]
        command = check[1:] if check[0] == "CMD" else ["sh", "-c", check[1]]
        return run(self.engine, "exec", ids[0], *command, check=False, timeout=60).returncode == 0

    def configured(self):
        """Waits for the job that applies the configuration."""
        job = self.container("configuration")
        code = run(self.engine, "wait", job, timeout=180).stdout.strip()
        logs = run(self.engine, "logs", job)
        assert code == "0", f"the configuration was not applied ({code}):\n{logs.stdout}{logs.stderr}"

    def image_bytes(self):
        """What the image adds to the one that it is made from."""
        def size(image):
            return json.loads(run(self.engine, "image", "inspect", image).stdout)[0]["Size"]
        return size("tocsin:test") - size(BASE)

    def end_process(self, tier):
        """As a crash does: the engine was not asked for it."""
        os.kill(self.inspect(tier)["State"]["Pid"], 9)

    def remove(self, tier):
        container = self.container(tier)
        run(self.engine, "kill", container)
        run(self.engine, "rm", "-f", container)

    def cut(self, tier):
        """Off every network that it is on. Returns them, with its addresses there."""
        networks = {name: one["IPAddress"] for name, one in self.inspect(tier)["NetworkSettings"]["Networks"].items()}
        for network in networks:
            run(self.engine, "network", "disconnect", network, self.container(tier))
        return networks

    def mend(self, tier, networks):
        for network, address in networks.items():
            run(self.engine, "network", "connect", "--ip", address, "--alias", tier, network, self.container(tier))

    def source(self, first=1):
        """Starts a source of alerts, in a container on the sources' network, with a key of its own."""
        if not (self.folder / "containers.secret").exists():
            self.inside("scheduler", "tocsinctl", "keys", "create", "containers", "--role", "source")
            for name in ["containers.secret", "tiers"]:
                (self.folder / name).write_text(self.inside("scheduler", "cat", f"/keys/{name}"))
                (self.folder / name).chmod(0o400)
        (self.folder / "enough").unlink(missing_ok=True)
        for container in self._ids("source", everything=True):
            run(self.engine, "rm", "-f", container)
        self.compose("run", "--detach", "source", str(first))

    def enough(self):
        (self.folder / "enough").touch()
        for container in self._ids("source"):
            run(self.engine, "wait", container, timeout=60)

    def stop(self):
        """Stops every tier. Returns how long each took."""
        took = {}
        for tier in TIERS:
            began = time.monotonic()
            run(self.engine, "stop", self.container(tier))
            took[tier] = time.monotonic() - began
            state = self.inspect(tier)["State"]
            assert state["ExitCode"] == 0, f"{tier} ended with {state['ExitCode']} when it was told to stop"
        return took

    def tell_logs(self):
        for service in ["keys", *TIERS, "alert-intake-2", "gateway", "configuration", "receiver", "prometheus", "source"]:
            for container in self._ids(service, everything=True):
                logs = run(self.engine, "logs", "--tail", "15", container, check=False)
                print(f"   {service}:\n{logs.stdout}{logs.stderr}")
        errors = self.folder / "accepted.errors"
        if errors.exists():
            print("   source:", errors.read_text()[-1000:])
