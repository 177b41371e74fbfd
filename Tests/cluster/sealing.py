"""Addresses are nowhere but in the notifier's memory and at the providers (requirement N7)."""
import subprocess

import yaml

from cluster import ROOT, Cluster, eventually


def addresses():
    """Every address of every person in the shipped configuration."""
    contacts = yaml.safe_load((ROOT / "compose/config/contacts.yaml").read_text().split("\n---\n")[0])["contacts"]
    found = {}
    for person, methods in contacts.items():
        values = [value for channel, value in methods.items() if channel in ["push", "sms", "voice", "email", "slack"]]
        found[person] = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return found


def holding(cluster, needles):
    """The files of the tiers, logs and consoles that hold one of these texts."""
    skipped = {cluster.folder / "config", cluster.receiver.out, cluster.receiver.secret}
    found = []
    for path in cluster.folder.rglob("*"):
        if not path.is_file() or path in skipped or cluster.folder / "config" in path.parents:
            continue
        content = path.read_bytes()
        found += [f"{path.relative_to(cluster.folder)}: {needle}" for needle in needles if needle.encode() in content]
    return found


def addresses_are_on_no_disk_and_in_no_log(binaries):
    known = addresses()
    # What is as short as "@dee" may stand in a file of numbers by chance: one byte before a person's name.
    needles = sorted({address for person in known.values() for address in person if len(address) > 5})
    assert len(needles) > 30, needles
    with Cluster(binaries, extra={"notifier": ["--checkpoint-every", "20", "--log-level", "trace"]}) as cluster:
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "sealing", "no ready pods")
        eventually("pages with addresses", 20, lambda: any(one.get("address") in needles for one in cluster.receiver.received()))
        incident = cluster.json("incident", "list")["incidents"][0]["id"]
        cluster.ctl("incident", "ack", incident, "--by", cluster.primary())
        for number in range(15):
            cluster.ctl("alert", "send", "--severity", "SEV-2", "--key", f"more-{number}", "more")
        checkpoints = lambda: list((cluster.folder / "notifier").glob("checkpoint-*[0-9]"))
        eventually("a checkpoint", 30, checkpoints)
        files = {path.name for path in (cluster.folder / "notifier").iterdir()}
        assert {"journal.db", "journal.db-wal", "contact-keys", "in-hand"} <= files, files
        assert not (found := holding(cluster, needles)), found
        # What is looked for would be found.
        assert holding(cluster, [incident]), incident
        keys = cluster.folder / "notifier/contact-keys"
        assert keys.stat().st_mode & 0o777 == 0o600

        # What people set themselves is sealed too, and comes back masked.
        needles.append("+1 202 555 0177")
        shown = cluster.ctl("contact", "add", "sms", "--by", "ana", stdin="+1 202 555 0177\n")
        assert "+12…77" in shown and "set by" in shown and not any(needle in shown for needle in needles), shown
        assert "voice at once, sms after 2m" in cluster.ctl("rule", "set", "voice=0s", "sms=2m", "--by", "ana")
        quiet = cluster.ctl("rule", "quiet", "22:00-07:00", "--zone", "Europe/Lisbon", "--by", "ana")
        assert "22:00-07:00 Europe/Lisbon" in quiet, quiet
        listed = cluster.ctl("contact", "list") + cluster.ctl("rule", "list") + cluster.ctl("contact", "show", "ana", "-o", "json")
        assert not any(needle in listed for needle in needles), listed
        assert "contact ana stays as ana set it by command" in cluster.ctl("apply", "-f", cluster.folder / "config", "--dry-run")
        eventually("a checkpoint after it", 30, lambda: len(checkpoints()) > 1)

        # The start reads them back, and whoever is erased is gone.
        cluster.restart("notifier")
        cluster.ctl("health", "--wait", "20")
        cluster.ctl("contact", "erase", "hal", "--by", "mia")
        assert "+12…77" in cluster.ctl("contact", "show", "ana")
        again = cluster.ctl("contact", "erase", "hal", "--by", "mia", check=False)
        assert again.returncode != 0 and "hal is not known to the notifier" in again.stderr, again
        cluster.restart("notifier")
        cluster.ctl("health", "--wait", "20")
        assert " hal\n" not in keys.read_text() and "\nerased " in keys.read_text()
        assert not (found := holding(cluster, needles)), found

        # Keys that others can read, or that aren't there, keep it from starting, and it says why.
        cluster.kill("notifier")
        for spoil, words in [(lambda: keys.chmod(0o644), "can be read by others"),
                             (lambda: keys.rename(keys.with_name("away")), "give the notifier its own key file back")]:
            spoil()
            command = [cluster.binaries / "notifier", "--listen", cluster.endpoint("notifier"), "--data", cluster.folder / "notifier",
                       "--keys", cluster.keys]
            ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=20)
            assert ended.returncode != 0 and words in ended.stderr, ended
            keys.exists() and keys.chmod(0o600)
        keys.with_name("away").rename(keys)
        cluster.start("notifier")
        cluster.ctl("health", "--wait", "20")
        return f"{len(needles)} addresses in none of {len(files)} files of the notifier"


ALL = [addresses_are_on_no_disk_and_in_no_log]
