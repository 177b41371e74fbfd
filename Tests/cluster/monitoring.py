"""What monitoring sees of a tier, and where it is told to look for it."""
import json
import re
import urllib.request

from cluster import ROOT, TIERS, Cluster, eventually, free_port, free_ports
from keys import created, keys
from noticeboard import certificate
from senders import Gateway
from wire import CHECK, WATCH_HEALTH, Client, event, header, key


def asked(port, path):
    """The status and the words; None when nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as failure:
        return failure.code, failure.read().decode()
    except OSError:
        return None


def options_come_from_the_environment_and_the_command_line_wins(binaries):
    """All four are told one port by the environment and the scheduler another by its command line. Of the three that want the
    same port one has it; the others say so, and serve."""
    shared, own = free_ports(2)
    with Cluster(binaries, environment={"TOCSIN_METRICS": f"127.0.0.1:{shared}", "TOCSIN_BEAT_URL_FILE": ""},
                 extra={"scheduler": ["--metrics", f"127.0.0.1:{own}"]}) as cluster:
        assert eventually("the scheduler's port", 10, lambda: asked(own, "/readyz")) == (200, "ok\n")
        assert 'tier="scheduler"' in asked(own, "/metrics")[1]
        assert 'tier="scheduler"' not in eventually("the other port", 10, lambda: asked(shared, "/metrics"))[1]
        cluster.ctl("health")
        complaints = [tier for tier in TIERS if "metrics can't be served" in (cluster.folder / f"{tier}.log").read_text()]
        assert len(complaints) == 2, complaints


def what_dashboard_and_rules_name_is_shown_by_some_tier(binaries):
    """A figure that is renamed leaves an alarm that never rings and a panel that is empty."""
    dashboard = json.loads((ROOT / "compose/grafana/tocsin.json").read_text())
    expressions = [target["expr"] for panel in panels(dashboard) for target in panel.get("targets", [])]
    rules = (ROOT / "compose/prometheus/rules.yaml").read_text()
    assert len(expressions) > 5 and "expr:" in rules
    named = set(re.findall(r"\btocsin_\w+", "\n".join([*expressions, rules])))
    *ports, callbacks = free_ports(5)
    ports = dict(zip(TIERS, ports))
    extra = {tier: ["--metrics", f"127.0.0.1:{port}"] for tier, port in ports.items()}
    extra["notifier"] += ["--callbacks", f"127.0.0.1:{callbacks}", "--callback-url", "https://tocsin.example.com"]
    watch = (ROOT / "compose/config/watch.yaml").read_text().replace("synthetic-every: 1m", "synthetic-every: 10s")
    with Cluster(binaries, extra=extra, watch=watch) as cluster:
        pem, key = certificate(cluster.folder, "gateway")
        gather = [word for tier, port in ports.items() for word in ("--gather", f"{tier}=127.0.0.1:{port}")]
        with Gateway(cluster, "one", options=["--certificate", pem, "--key", key, *gather]) as gateway:
            # Some figures are there from the first time on that what they count has happened.
            cluster.ctl("alert", "send", "--severity", "SEV-1", "--service", "aion-web-api", "one")
            eventually("a page", 10, lambda: cluster.receiver.received())
            assert asked(callbacks, "/answer/1.email.9.2f-1~2fana~2f1.0123abcd")[0] == 404
            eventually("a synthetic alert", 30, lambda: "tocsin_synthetic_age_seconds" in asked(ports["notifier"], "/metrics")[1])
            shown = {}
            for name, port in {**ports, "gateway": gateway.metrics}.items():
                text = eventually(f"the figures of {name}", 10, lambda: asked(port, "/metrics"))[1]
                for figure, kind in re.findall(r"^# TYPE (\w+) (\w+)", text, re.M):
                    shown.setdefault(figure, set()).add(kind)
    suffixed = {figure + suffix for figure, kinds in shown.items() if "histogram" in kinds for suffix in ("_bucket", "_sum", "_count")}
    unknown = named - set(shown) - suffixed
    assert not unknown, f"named in compose/, and shown by nobody: {sorted(unknown)}"
    return f"{len(named)} figures named, {len(shown)} shown"


def by_label(text, figure, label):
    """A figure's values."""
    return {value: int(count) for value, count in re.findall(rf'^{figure}{{{label}="([^"]*)"}} (\d+)$', text, re.M)}


def what_a_socket_refuses_by_itself_is_in_the_figures(binaries):
    """Mistakes of every kind by a client with a good key, and calls by a key that is revoked meanwhile: each is counted once, by its reason, and
    is in no other figure."""
    port = free_port()
    with Cluster(binaries, extra={"alert-intake": ["--metrics", f"127.0.0.1:{port}"]}) as cluster:
        def figures():
            text = eventually("figures", 10, lambda: asked(port, "/metrics"))[1]
            return (by_label(text, "tocsin_calls_refused_total", "reason"), by_label(text, "tocsin_connections_unwelcome_total", "socket"),
                    by_label(text, "tocsin_answers_total", "status"))

        before, shut, answered = figures()
        assert set(before) == {"malformed", "version", "key", "method", "door", "timeout", "size", "checksum", "call_id", "connection",
                               "principal", "credit", "stopping"} and not any(before.values()), before
        assert shut == {"tiers": 0, "sources": 0}, shut
        wall = Client(cluster.endpoint("alert-intake"), keys=created(cluster, "wall", "observer"))
        assert wall.call(CHECK, b"")[0].status == 0
        client, source = Client(cluster.endpoint("alert-intake")), Client(cluster.sources())
        assert client.call(WATCH_HEALTH, b"", credit=100)[0].status == 0
        long = b"x" * (1024 * 1024 + 1)
        mistakes = [
            ("malformed", 3, lambda: client.frames([b"not a header", b""])), ("method", 12, lambda: client.call("/tocsin.health.v1.Health/Nothing", b"")),
            ("version", 12, lambda: client.call(CHECK, b"", version=2)), ("timeout", 3, lambda: client.call(CHECK, b"", timeout_ms=0)),
            ("size", 3, lambda: client.call(CHECK, long)), ("checksum", 15, lambda: client.call(CHECK, b"", payload_crc32c=7)),
            ("call_id", 3, lambda: client.frames([header(WATCH_HEALTH, b"", client.watching, b""), b""])),
            ("door", 7, lambda: source.call("/tocsin.intake.v1.Intake/ListAlerts", b"")),
        ]
        client.watching = client.calls
        for reason, status, mistake in mistakes:
            told = mistake()
            assert told and told[0].status == status, (reason, told)
        keys(cluster, "revoke", "wall")
        refused = eventually("the revoked key is refused", 5, lambda: (got := wall.call(CHECK, b"", wait=1)) is None or got[0].status == 16)
        assert refused
        wanted = {reason: 1 for reason, _, _ in mistakes}
        eventually("each once", 10, lambda: {reason: count for reason, count in figures()[0].items() if count and reason != "key"} == wanted)
        eventually("its connection was shut", 10, lambda: figures()[1] == {"tiers": 1, "sources": 0})
        assert figures()[2]["DATA_LOSS"] == answered["DATA_LOSS"] == 0
        assert source.publish_until_ok(event(1, 3), key())[0].alert_id, "the connections of who made mistakes go on"
        return f"{len(wanted)} reasons"


def panels(dashboard):
    """Those in rows too."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


ALL = [what_a_socket_refuses_by_itself_is_in_the_figures,
       what_dashboard_and_rules_name_is_shown_by_some_tier, options_come_from_the_environment_and_the_command_line_wins]
