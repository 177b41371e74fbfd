"""Backups are taken while the tiers work and delay no page; a tier whose disk is gone comes back from one, and what it lacks is
named."""
import json
import shutil
import statistics
import subprocess
import time

import losses
from account import accepted, duplicates, duty_pages, source
from cluster import TIERS, Cluster, eventually
from wire import Client, event, key


def a_tier_whose_disk_is_gone_is_restored_under_load(binaries):
    said = [restored(binaries, tier) for tier in ["escalator", "alert-intake", "notifier", "scheduler"]]
    return "; ".join(said)


def restored(binaries, tier, per_second=40):
    with Cluster(binaries, extra={one: ["--checkpoint-every", "150"] for one in TIERS}) as cluster:
        account, backup, data = cluster.folder / "account.jsonl", cluster.folder / "backup", cluster.folder / tier
        publishing = source(cluster, account, 1_000_000, per_second)
        try:
            eventually("alerts before the backup", 30, lambda: len(accepted(account)) >= 150)
            taken = cluster.json("backup", "--to", backup)
            end = taken["tiers"][tier]["last_row_at_ms"]
            assert taken["tiers"][tier]["rows"] > 100 or tier in ("scheduler",), taken
            assert "every row is what was written" in cluster.ctl("backup", "verify", backup)
            # Again into the same folder: only what is new.
            before = len(accepted(account))
            again = cluster.json("backup", "--to", backup)
            assert all(again["tiers"][one]["rows"] >= taken["tiers"][one]["rows"] for one in TIERS), (taken, again)
            end = again["tiers"][tier]["last_row_at_ms"]
            eventually("alerts behind the backup", 30, lambda: len(accepted(account)) >= before + 150)
            behind = [entry["id"] for entry in accepted(account) if entry["accepted_ms"] - entry["took"] * 1000 > end + 100]
            ended = behind[:5]
            for id in ended:
                eventually("an incident", 10, lambda: cluster.ctl("incident", "resolve", id, "--by", "dee", check=False).returncode == 0)
            handed_over = {body["incident"] for body in cluster.receiver.received()}
            running = cluster.ctl("restore", tier, "--from", backup, "--data", data, check=False)
            assert running.returncode == 5 and "is held by" in running.stderr, running
            cluster.kill(tier)
            killed_ms = time.time() * 1000
            # A journal that knows more is not overwritten.
            newer = cluster.ctl("restore", tier, "--from", backup, "--data", data, check=False)
            assert newer.returncode == 5 and "is whole" in newer.stderr and "Start the tier as it is" in newer.stderr, newer
            keys = (data / "contact-keys").read_bytes() if tier == "notifier" else None
            shutil.rmtree(data)
            out = cluster.ctl("restore", tier, "--from", backup, "--data", data)
            assert f"{again['tiers'][tier]['rows']} rows are restored" in out, out
            if keys:
                assert "PUT THE CONTACT KEYS BACK" in out, out
                (data / "contact-keys").write_bytes(keys)
                (data / "contact-keys").chmod(0o600)
            cluster.start(tier)
            cluster.ctl("health", "--wait", "20")
            assert "a backup was restored" in (cluster.folder / f"{tier}.log").read_text()
            cluster.ctl("apply", "-f", cluster.folder / "config")
            cluster.ctl("hand-over-again", tier)
            count = len(accepted(account))
            eventually("alerts after the restore", 30, lambda: len(accepted(account)) >= count + 50)
        finally:
            publishing.kill()
            publishing.wait()
        entries = accepted(account)
        ids = {entry["id"] for entry in entries}
        assert len(ids) == len(entries), "an id was used twice"
        watch = losses.Watch(cluster)
        eventually("nothing owed", 30, watch.is_quiet)
        # Accepted and not handed over when intake's disk went: nobody but the source can know of it.
        # By any number: a restored escalator counts on from beyond what was lost.
        paged = lambda: {body["incident"] for body in cluster.receiver.received() if body["person"]}
        alone = {entry["id"] for entry in entries
                 if tier == "alert-intake" and killed_ms - 2_000 <= entry["accepted_ms"] <= killed_ms} - handed_over
        eventually("every accepted alert's first page", 60, lambda: ids - alone <= paged())
        unpaged = ids - paged()
        silent, marked = duplicates(cluster.receiver.received())
        # Pages that a restored notifier has forgotten come a second time, and it can't know; no others do.
        forgotten = {entry["id"] for entry in entries
                     if tier == "notifier" and end - 5_000 <= entry["accepted_ms"] <= killed_ms}
        unexplained = [id for id in silent if id.split("/")[0] not in forgotten]
        assert not unexplained, f"came twice without saying so: {unexplained[:5]}"
        listed = [json.loads(line) for line in cluster.ctl("backup", "missing", tier, "--from", backup, "-o", "json").splitlines()]
        named = {item["id"] for item in listed}
        if tier == "alert-intake":
            # Those that were handed over before the disk went are known to the escalator, each of them.
            assert set(behind) & handed_over <= named, sorted(set(behind) & handed_over - named)[:5]
            assert named <= ids - unpaged, named - ids
        if tier == "escalator":
            assert set(ended) <= named | watch_open(cluster), (ended, named)
            assert all(item["state"] in ("over", "resolved") and item["opened_at"] for item in listed), listed[:3]
        if tier == "notifier":
            assert named <= ids, named - ids
        # The loss is over: a journal as any other.
        cluster.restart(tier)
        cluster.ctl("health", "--wait", "20")
        assert cluster.ctl("backup", "--to", cluster.folder / "after")
        return f"{tier}: {len(entries)} accepted, {len(named)} named as missing, {len(unpaged)} known to the source alone, {marked + len(silent)} repeats"


def watch_open(cluster):
    return {one["id"] for one in cluster.json("incident", "list", "--limit", "1000")["incidents"]}


def a_flipped_bit_in_a_backup_is_found(binaries):
    with Cluster(binaries) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        for number in range(20):
            client.publish_until_ok(event(number, 3), key())
        backup = cluster.folder / "backup"
        told = cluster.ctl("backup", "--to", backup)
        assert "Not in it: the notifier's contact keys" in told, told
        assert not (backup / "notifier/contact-keys").exists() and (backup.stat().st_mode & 0o777) == 0o700
        copy = backup / "alert-intake" / "journal.db"
        good = copy.read_bytes()
        bad = bytearray(good)
        bad[good.find(b"alert number 7")] ^= 1
        copy.write_bytes(bad)
        found = cluster.ctl("backup", "verify", backup, check=False)
        assert found.returncode == 5 and "row" in found.stderr and "not what was written" in found.stderr, found
        refused = cluster.ctl("restore", "alert-intake", "--from", backup, "--data", cluster.folder / "new", check=False)
        assert refused.returncode == 5 and not (cluster.folder / "new/journal.db").exists(), refused
        copy.write_bytes(good)
        cluster.ctl("backup", "--to", backup, "--with-contact-keys")
        keys = backup / "notifier/contact-keys"
        assert keys.read_bytes() == (cluster.folder / "notifier/contact-keys").read_bytes() and keys.stat().st_mode & 0o777 == 0o600
        # Another cluster's journals are not mixed with it.
        with Cluster(binaries) as other:
            mixed = other.ctl("backup", "--to", backup, check=False)
            assert mixed.returncode == 5 and "another journal" in mixed.stderr, mixed


def a_backup_delays_no_page(binaries, rows=4_000, alerts=40):
    """From an alert's sending to the webhook, first with nothing else, then while backups of all tiers are taken without a pause."""
    with Cluster(binaries) as cluster:
        client = Client(cluster.sources())
        account = cluster.folder / "account.jsonl"
        filling = source(cluster, account, rows, 400)
        assert filling.wait() == 0
        eventually("every page", 90, lambda: len(duty_pages(cluster.receiver.received())) >= rows)

        def measure(first):
            sent = {}
            for number in range(first, first + alerts):
                time.sleep(0.1)
                began = time.time() * 1000
                sent[client.publish_until_ok(event(number, 3), key())[0].alert_id] = began
            eventually("every page", 20, lambda: set(sent) <= {body["incident"] for body in cluster.receiver.received()})
            took = {}
            for body in cluster.receiver.received():
                if body["incident"] in sent:
                    took.setdefault(body["incident"], body["arrived_ms"] - sent[body["incident"]])
            return sorted(took.values())

        quiet = measure(2_000_000)
        script = 'n=0; while :; do n=$((n+1)); "$@" --to "$DIR/b$n" >"$DIR/said" || exit 1; rm -rf "$DIR/b$((n-1))"; echo $n >"$DIR/count"; done'
        folder = cluster.folder / "backups"
        folder.mkdir()
        copying = subprocess.Popen(["bash", "-c", script, "backups", *cluster.command("backup")], env={**__import__("os").environ, "DIR": str(folder)})
        try:
            busy = measure(3_000_000)
            assert copying.poll() is None, (folder / "said").read_text()
        finally:
            copying.kill()
            copying.wait()
        eventually("a backup", 60, lambda: (folder / "count").exists() or any(folder.iterdir()))
        assert statistics.median(busy) < 2 * statistics.median(quiet) + 50 and busy[-1] < 1_000, (quiet, busy)
        return (f"alert to webhook p50 {statistics.median(quiet):.0f} ms, worst {quiet[-1]:.0f} ms; during backups p50 "
                f"{statistics.median(busy):.0f} ms, worst {busy[-1]:.0f} ms")


ALL = [a_flipped_bit_in_a_backup_is_found, a_tier_whose_disk_is_gone_is_restored_under_load, a_backup_delays_no_page]
