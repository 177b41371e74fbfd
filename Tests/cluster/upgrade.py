"""Journals as each released version left them: the present programs begin where that one ended.

    python Tests/cluster/upgrade.py BINARIES VERSION     records them, by the programs of a release that is about to be made

`Tests/fixtures/released/VERSION.tar.gz` is a backup of a cluster in which an operator has tried every command and shifts were
handed over and paid, with what tocsinctl answered then. None is ever changed."""
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import cli
import handover
from cluster import ROOT, TIERS, Cluster, eventually
from wire import Client, event, key

RELEASED = ROOT / "Tests/fixtures/released"


def timelines(cluster):
    """What happened to each incident, oldest first."""
    lines = [json.loads(line) for line in cluster.ctl("export", "--since", "2026-01-01", "--only", "line").splitlines()]
    told = {}
    for line in lines:
        told.setdefault(line["line"].get("subject", ""), []).append([line["line"].get(field, "") for field in ("kind", "person", "text")])
    return told


def asked(cluster):
    """Answers that time alone does not change."""
    return {
        "timelines": timelines(cluster),
        "alerts": sorted(alert["id"] for alert in cluster.json("alert", "list", "--all", "--limit", "1000")["alerts"]),
        "contacts": [cluster.ctl("contact", "show", person, "--utc") for person in ("ana", "dee", "tara", "vera")],
        "silences": cluster.ctl("silence", "list", "--utc"),
    }


def record(binaries, version):
    target = RELEASED / f"{version}.tar.gz"
    assert not target.exists(), f"{version} is recorded already"
    RELEASED.mkdir(parents=True, exist_ok=True)
    parts = []

    class Recorded(Cluster):
        def __exit__(self, kind, *about):
            if kind is None:
                for tier in TIERS:
                    if tier not in self.processes:
                        self.start(tier)
                self.ctl("health", "--wait", "20")
                backup = self.folder / "recorded"
                # A short journal has no checkpoint; the other half of what an upgrade must read.
                self.ctl("backup", "--to", backup, "--with-contact-keys")
                (backup / "answers.json").write_text(json.dumps(asked(self), indent=1))
                parts.append(subprocess.run(["tar", "-C", backup, "-cf", "-", "."], check=True, capture_output=True).stdout)
            super().__exit__(kind, *about)

        def __init__(self, *arguments, **options):
            options.setdefault("extra", {tier: ["--checkpoint-every", "40"] for tier in TIERS})
            super().__init__(*arguments, **options)

    cli.Cluster = handover.Cluster = Recorded
    # What it asks leaves nothing in a journal, and what it expects depends on the weekday.
    cli.asks_who_is_on_call = lambda _: None
    cli.an_operator_finds_the_way_and_every_answer(binaries)
    handover.a_shift_is_handed_over(binaries)
    with tarfile.open(target, "w:gz") as out:
        for number, part in enumerate(parts):
            about = tarfile.TarInfo(f"{number}.tar")
            about.size = len(part)
            out.addfile(about, io.BytesIO(part))


def goes_on_from(binaries, backup):
    """A cluster whose tiers were restored from what a release left."""
    known = json.loads((backup / "answers.json").read_text())
    with Cluster(binaries) as cluster:
        for tier in TIERS:
            cluster.stop(tier)
            subprocess.run(["rm", "-rf", cluster.folder / tier], check=True)
            cluster.ctl("restore", tier, "--from", backup, "--data", cluster.folder / tier)
        for tier in TIERS:
            cluster.start(tier)
        cluster.ctl("health", "--wait", "20")
        now = asked(cluster)
        for incident, lines in known["timelines"].items():
            assert now["timelines"].get(incident, [])[:len(lines)] == lines, (incident, lines, now["timelines"].get(incident))
        assert now["contacts"] == known["contacts"], (now["contacts"], known["contacts"])
        cluster.configure()
        client = Client(cluster.endpoint("alert-intake"))
        id = client.publish_until_ok(event(1, 1, "after the upgrade"), key())[0].alert_id
        assert id not in known["timelines"] and id not in known["alerts"], "an id is used twice"
        eventually("a page", 20, lambda: id in {body["incident"] for body in cluster.receiver.received()})
        # And once more from the checkpoints and rows of both versions.
        for tier in TIERS:
            cluster.stop(tier)
            cluster.start(tier)
        cluster.ctl("health", "--wait", "20")
        return f"{sum(map(len, known['timelines'].values()))} lines of {len(known['timelines'])} incidents"


def what_each_release_left_is_gone_on_from(binaries):
    releases = sorted(RELEASED.glob("*.tar.gz"))
    assert releases, "no release is recorded"
    said = []
    for release in releases:
        with tempfile.TemporaryDirectory(prefix="tocsin-released-") as folder, tarfile.open(release) as archive:
            archive.extractall(folder)
            for part in sorted(Path(folder).glob("*.tar")):
                backup = Path(folder) / part.stem
                backup.mkdir(mode=0o700)
                subprocess.run(["tar", "-C", backup, "-xf", part], check=True)
                said.append(f"{release.name.removesuffix('.tar.gz')}: {goes_on_from(binaries, backup)}")
    return "; ".join(said)


ALL = [what_each_release_left_is_gone_on_from]

if __name__ == "__main__":
    record(sys.argv[1], sys.argv[2])
