"""The gateway as it is built, and those who send to it: real ones from Debian's packages, and sockets that misbehave."""
import json
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cluster import eventually, free_port, free_ports


def asked(url, body=None, key=None, method=None, headers=(), timeout=15):
    """Status and text of an answer; (0, why) where there was none."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method or ("GET" if data is None else "POST"))
    request.add_header("Content-Type", "application/json")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    for name, value in headers:
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as failure:
        return failure.code, failure.read().decode()
    except OSError as failure:
        return 0, str(failure)


class Gateway:
    """A gateway of a cluster, killed and started again at will."""

    def __init__(self, cluster, *sources, options=(), former=None, port=None, pages=None, ready=True):
        """`pages` is the address at which it shows pages to people, or True for its own."""
        self.cluster, self.options, self.former = cluster, list(options), former
        self.folder = cluster.folder / "gateway"
        self.port, self.metrics = free_ports(2)
        self.port = port or self.port
        self.url = f"http://127.0.0.1:{self.port}"
        if pages:
            subprocess.run([cluster.binaries / "tocsinctl", "keys", "pages", "--keys", cluster.keys, "--to", self.folder],
                           check=True, capture_output=True)
            self.options += ["--page-url", self.url if pages is True else pages]
            for tier in ["scheduler", "escalator", "notifier"]:
                self.options += [f"--{tier}", cluster.endpoint(tier)]
        self.process = None
        self.keys = {name: self.integrate(name) for name in sources}
        self.start(ready)

    def integrate(self, name, *options):
        return subprocess.run(
            [self.cluster.binaries / "tocsinctl", "keys", "integration", name, "--keys", self.cluster.keys, "--to", self.folder, *options],
            check=True, capture_output=True, text=True).stdout.strip()

    def start(self, ready=True):
        with open(self.cluster.folder / "gateway.log", "ab") as log:
            self.process = subprocess.Popen(
                [(self.former or self.cluster.binaries) / "gateway", "--listen", f"127.0.0.1:{self.port}", "--integrations", self.folder,
                 *(part for intake in self.cluster.intakes for part in ("--intake", self.cluster.sources(intake))),
                 "--metrics", f"127.0.0.1:{self.metrics}", *self.options],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        # With a certificate, at the door that speaks without one.
        place = f"http://127.0.0.1:{self.metrics}/readyz" if "--certificate" in self.options else f"{self.url}/-/ready"
        if ready:
            eventually("the gateway is ready", 10, lambda: asked(place)[0] == 200)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=10) == 0

    def post(self, path, body, source=None, **more):
        return asked(self.url + path, body, key=self.keys[source] if source else None, **more)

    def memory(self, what="VmRSS"):
        """In MiB, what it holds now, or has held at most (VmHWM)."""
        lines = open(f"/proc/{self.process.pid}/status").read().splitlines()
        return int(next(line for line in lines if line.startswith(what)).split()[1]) // 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


class TLSProxy:
    """A proxy that speaks TLS before a port, as a deployment has it; `certificate` is what a client trusts."""

    def __init__(self, folder, port):
        self.target, self.certificate = port, folder / "tls.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tls.key", "-out", self.certificate, "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, folder / "tls.key")
        self.listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                outer, _ = self.listener.accept()
            except OSError:
                continue
            inner = socket.create_connection(("127.0.0.1", self.target))
            for one, other in [(outer, inner), (inner, outer)]:
                threading.Thread(target=self._carry, args=[one, other], daemon=True).start()

    @staticmethod
    def _carry(one, other):
        try:
            while part := one.recv(65536):
                other.sendall(part)
        except OSError:
            pass
        for end in [one, other]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Program:
    """One of Debian's programs, in a folder of its own."""

    def __init__(self, folder, name, *arguments):
        folder.mkdir(exist_ok=True)
        self.log = open(folder / "log", "ab")
        self.command = [str(part) for part in [name, *arguments]]
        self.process = None
        self.start()

    @staticmethod
    def missing(*names):
        return [name for name in names if not shutil.which(name)]

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)

    def stop(self):
        self.process.kill()
        self.process.wait()


def alertmanager(folder, gateway):
    """Alertmanager with its webhook and its PagerDuty receiver, both pointed at the gateway. Returns it and its port."""
    port = free_port()
    folder.mkdir()
    (folder / "config.yaml").write_text(json.dumps({
        "route": {"receiver": "oncall", "group_by": ["alertname"], "group_wait": "100ms", "group_interval": "1s", "repeat_interval": "4h"},
        "receivers": [{
            "name": "oncall",
            "webhook_configs": [{
                "url": f"{gateway.url}/alertmanager",
                "http_config": {"authorization": {"credentials": gateway.keys["alertmanager"]}}}],
            "pagerduty_configs": [{
                "routing_key": gateway.keys["pagerduty"], "url": f"{gateway.url}/v2/enqueue", "severity": "critical"}]}]}))
    program = Program(
        folder, "prometheus-alertmanager", f"--config.file={folder}/config.yaml", f"--storage.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=")
    eventually("Alertmanager listens", 20, lambda: asked(f"http://127.0.0.1:{port}/-/ready")[0] == 200)
    return program, port


class Shown:
    """A program that Prometheus scrapes: how full each disk is, as the test says."""

    def __init__(self):
        self.full = {}
        shown = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                text = "".join(f'disk_full{{disk="{disk}"}} {value}\n' for disk, value in shown.full.items()).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def prometheus(folder, gateway, shown, alertmanager_port):
    """Prometheus with a rule that fires for each full disk, and both the gateway and Alertmanager told of it."""
    port = free_port()
    folder.mkdir()
    (folder / "rules.yaml").write_text(json.dumps({"groups": [{"name": "disks", "rules": [{
        "alert": "DiskFull", "expr": "last_over_time(disk_full[10s]) > 0", "labels": {"severity": "critical", "service": "{{ $labels.disk }}"},
        "annotations": {"summary": "{{ $labels.disk }} is full"}}]}]}))
    (folder / "prometheus.yaml").write_text(json.dumps({
        "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "disks", "static_configs": [{"targets": [f"127.0.0.1:{shown.port}"]}]}],
        "alerting": {"alertmanagers": [
            {"static_configs": [{"targets": [f"127.0.0.1:{gateway.port}"]}], "authorization": {"credentials": gateway.keys["prometheus"]}},
            {"static_configs": [{"targets": [f"127.0.0.1:{alertmanager_port}"]}]}]}}))
    program = Program(
        folder, "prometheus", f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}", "--rules.alert.resend-delay=1s")
    program.url = f"http://127.0.0.1:{port}"
    eventually("Prometheus listens", 20, lambda: asked(f"{program.url}/-/ready")[0] == 200)
    return program


def said(port, first, then=b"", wait=15):
    """What a raw connection is told after some bytes; empty when it was closed in silence."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as raw:
        answer = b""
        try:
            raw.sendall(first)
            if then:
                raw.sendall(then)
            while more := raw.recv(65536):
                answer += more
        except TimeoutError:
            answer += b" and is still open"
        except OSError:
            pass
        return answer.decode()
