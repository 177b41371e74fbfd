"""Keys that are made anew, and a tier that has none that is good: what is said of it, and what goes on."""
import subprocess
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import keyring
from cluster import Cluster, eventually
from doors import rewritten
from keys import keys
from pages import Reader, alert, state
from senders import Gateway
from wire import CHECK, Client, health


def a_rotation_says_what_it_did_and_what_is_left(binaries):
    """Of the gateway's folder it names the files that it has changed and no others; one that it can't write is no failed rotation."""
    with tempfile.TemporaryDirectory(prefix="tocsin-rotating-") as folder:
        cluster = SimpleNamespace(binaries=Path(binaries).resolve(), keys=Path(folder) / "keys")
        gateway = Path(folder) / "gateway"

        def public(path):
            return keyring.pair(path)[0]

        def rotated(name, code=0):
            """Whose key is another one afterwards, whatever became of the rest."""
            secret = cluster.keys / f"{name}.secret"
            before = public(secret)
            said = keys(cluster, "rotate", name, "--overlap", "1h", check=False)
            assert said.returncode == code, said
            assert public(secret) != before, said
            assert f"{secret} is the new key" in said.stdout, said
            return said

        keys(cluster, "init")
        keys(cluster, "create", "ana", "--role", "responder")
        said = rotated("escalator")
        assert f'{gateway} is no gateway\'s folder: where there is one, "tocsinctl keys noticeboard"' in said.stdout, said
        keys(cluster, "integration", "grafana")
        keys(cluster, "pages")
        for name, files in [("escalator", ["tiers"]), ("grafana", ["grafana.secret"]), ("gateway", ["gateway.secret"]), ("ana", [])]:
            said = rotated(name)
            assert not said.stderr and said.stdout.count("has it too") == len(files), said
            for file in files:
                assert f"{gateway / file} has it too" in said.stdout, said
                assert (gateway / file).read_text() == (cluster.keys / file).read_text(), file
            assert ("left to do: start escalator again" in said.stdout) == (name == "escalator"), said

        # Others could look into it, so nothing secret is put there; and it is said what to do, which does it.
        gateway.chmod(0o755)
        assert not rotated("ana").stderr
        for name, file in [("escalator", "tiers"), ("grafana", "grafana.secret")]:
            former = (gateway / file).read_text()
            said = rotated(name, code=1)
            assert f"the key is rotated, but {gateway / file} is as it was" in said.stderr and "is open to others" in said.stderr, said
            assert "has it too" not in said.stdout and (gateway / file).read_text() == former, said
            command = f"cp -pf {cluster.keys / file} {gateway / file}"
            assert said.stderr.strip().endswith(command), said
            subprocess.run(command.split(), check=True)
        gateway.chmod(0o700)
        for file in ["tiers", "grafana.secret"]:
            assert (gateway / file).read_text() == (cluster.keys / file).read_text(), file
        assert not rotated("grafana").stderr
        return said.stderr.splitlines()[1]


def the_key_of_the_pages_is_rotated_and_nobody_notices(binaries):
    """The gateway takes the new one up by itself; who has signed in stays so, acts, and others sign in, when the former is let in no more."""
    with Cluster(binaries) as cluster, Gateway(cluster, "web", pages=True) as gateway:
        primary = cluster.primary()
        incident = alert(cluster, "before the rotation")
        reader = Reader(gateway)
        reader.sign_in(cluster, primary)
        former = keyring.pair(gateway.folder / "gateway.secret")[0].decode()
        said = keys(cluster, "rotate", "gateway", "--overlap", "1h")
        assert f"{gateway.folder / 'gateway.secret'} has it too" in said, said
        assert keyring.pair(gateway.folder / "gateway.secret")[0].decode() != former
        until = time.monotonic() + 3
        while time.monotonic() < until:
            assert reader.get("/")[0] == 200, "the pages are gone while both keys are good"
            time.sleep(0.2)
        keys(cluster, "revoke", "gateway", "--key", former)
        eventually("the former key is over", 5, lambda: "revoked" in cluster.ctl("audit", "--what", "of gateway", "--tier", "escalator"))
        page = eventually("the pages by the new key", 10, lambda: (got := reader.get(f"/incidents/{incident}"))[0] == 200 and got[1])
        path = f"/incidents/{incident}/acknowledge"
        assert reader.post(path, page)[0] == 303
        assert state(cluster, incident) == "ACKNOWLEDGED"
        Reader(gateway).sign_in(cluster, "tara")
        acted = cluster.ctl("audit", "--what", incident, "--tier", "escalator", "-o", "json")
        assert keyring.pair(gateway.folder / "gateway.secret")[0].decode()[:5] in acted, acted
        # And it is by this key that they are there.
        keys(cluster, "revoke", "gateway")
        eventually("no page without a key", 10, lambda: reader.get(f"/incidents/{incident}")[0] != 200)


def a_tier_whose_own_key_is_over_says_so_and_goes_on(binaries):
    """Ended, taken off the list and revoked, while it runs and when it is started: the others let it in no more, and pages go out by it."""
    with Cluster(binaries) as cluster:
        path, log = cluster.keys / "authorized", cluster.folder / "notifier.log"
        good = path.read_text()
        endpoint = cluster.endpoint("notifier")

        def remark():
            client = Client(endpoint)
            answered = client.call(CHECK, b"", wait=10)
            client.close()
            told = health.HealthReply.FromString(answered[1])
            assert told.status == health.SERVING_STATUS_SERVING, told
            return told.reason

        def is_told(words):
            eventually(f"health: {words}", 10, lambda: "its own key" in (told := remark()) and words in told)
            eventually(f"the log: {words}", 5, lambda: any(
                "its own key" in line and words in line and "keys rotate notifier" in line and "critical" in line.lower()
                for line in log.read_text().splitlines()))

        def examined():
            ended = cluster.ctl("doctor", "--keys", cluster.keys, check=False)
            assert ended.returncode == 1, ended
            return [line for line in ended.stdout.splitlines() if line.startswith("!!")]

        def is_well(times):
            path.write_text(good)
            eventually("all well", 10, lambda: not remark())
            eventually("the log's word", 5, lambda: log.read_text().count("its own key is good again") == times)

        assert not remark() and "its own key" not in log.read_text()
        rewritten(cluster, "notifier", **{"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"})
        is_told("this key was valid until 2026-01-02")
        found = examined()
        assert any("own key" in line and "notifier" in line for line in found), found
        assert any("secret of notifier" in line and "this key was valid until" in line for line in found), found
        is_well(1)
        path.write_text("".join(line for line in good.splitlines(keepends=True) if not line.startswith("notifier ")))
        is_told("it is not on the list of keys")
        is_well(2)

        keys(cluster, "revoke", "notifier")
        is_told("this key was revoked at")
        log.write_text("")
        cluster.restart("notifier")
        eventually("it answers", 10, lambda: Client(endpoint).call(CHECK, b"", wait=1))
        is_told("this key was revoked at")
        assert any("secret of notifier" in line and "this key was revoked at" in line for line in examined())
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "alone", "it pages all the same")
        eventually("a page", 20, lambda: any("it pages all the same" in str(page) for page in cluster.receiver.received()))
        # As it says.
        keys(cluster, "create", "notifier", "--role", "service")
        keyring.learn(cluster.keys, {endpoint: "notifier"})
        cluster.restart("notifier")
        cluster.ctl("health", "--wait", "20")
        assert cluster.ctl("doctor", "--keys", cluster.keys, check=False).returncode == 0
        return " ".join(next(line for line in found if "own key" in line).split())


ALL = [
    a_rotation_says_what_it_did_and_what_is_left, the_key_of_the_pages_is_rotated_and_nobody_notices,
    a_tier_whose_own_key_is_over_says_so_and_goes_on,
]
