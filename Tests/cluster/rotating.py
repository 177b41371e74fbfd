"""Keys that are made anew: what is said of it, and what goes on."""
import subprocess
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import keyring
from cluster import Cluster, eventually
from keys import keys
from pages import Reader, alert, state
from senders import Gateway


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


ALL = [a_rotation_says_what_it_did_and_what_is_left, the_key_of_the_pages_is_rotated_and_nobody_notices]
