"""Backups are taken while the tiers work and delay no page; a tier whose disk is gone comes back from one, and what it lacks is
named."""
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

import losses
from account import accepted, duplicates, duty_pages, source
from cluster import TIERS, Cluster, eventually
from wire import Client, event, intake, key


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
            restored_ms = time.time() * 1000
            cluster.start(tier)
            cluster.ctl("health", "--wait", "20")
            assert "a backup was restored" in (cluster.folder / f"{tier}.log").read_text()
            cluster.ctl("apply", "-f", cluster.folder / "config")
            cluster.ctl("hand-over-again", tier)
            client = Client(cluster.sources())
            over = client.publish_until_ok(event(5_000_000, 3), key())[0].alert_id
            client.publish_until_ok(intake.Event(
                action=intake.ACTION_RESOLVE, source="cluster", dedup_key="alert-5000000").SerializeToString(), key())
            count = len(accepted(account))
            eventually("alerts after the restore", 30, lambda: len(accepted(account)) >= count + 50)
        finally:
            publishing.kill()
            publishing.wait()
        entries = accepted(account)
        ids = {entry["id"] for entry in entries}
        assert len(ids) == len(entries) and over not in ids, "an id was used twice"
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
        after = {entry["id"] for entry in entries if entry["accepted_ms"] > restored_ms}
        listed = [json.loads(line) for line in cluster.ctl("backup", "missing", tier, "--from", backup, "-o", "json").splitlines()]
        named = {item["id"] for item in listed}
        if tier == "alert-intake":
            # Those that were handed over before the disk went are known to the escalator, each of them that isn't over.
            lost = set(behind) & handed_over - set(ended)
            assert lost <= named, sorted(lost - named)[:5]
            assert not named & set(ended), named & set(ended)
            assert named <= ids - unpaged, named - ids
            # What was accepted after the restore is none of them, also when it is over and forgotten.
            assert not named & after, sorted(named & after)[:5]
            assert over not in named, over
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


def a_backup_that_is_cut_short_leaves_the_earlier_one(binaries):
    """Killed while it waits for the tier that is copied last, and within a write; then with that tier gone altogether."""
    with Cluster(binaries, extra={one: ["--checkpoint-every", "20"] for one in TIERS}) as cluster:
        client, backup = Client(cluster.sources()), cluster.folder / "backup"

        def publish(first):
            for number in range(first, first + 60):
                client.publish_until_ok(event(number, 3), key())

        def checkpoints(folder):
            return {path.name for path in (folder / "escalator").glob("checkpoint-*") if path.suffix != ".writing"}

        def newest(folder):
            return max(int(name.split("-")[1]) for name in checkpoints(folder))

        publish(0)
        eventually("a checkpoint", 20, lambda: checkpoints(cluster.folder))
        taken = cluster.json("backup", "--to", backup, "--with-contact-keys")
        before = checkpoints(backup)
        assert len(before) == 1, before
        publish(100)
        eventually("a newer checkpoint", 20, lambda: newest(cluster.folder) > newest(backup))
        stopped = cluster.processes["alert-intake"].pid
        os.kill(stopped, signal.SIGSTOP)
        second = subprocess.Popen(
            [str(part) for part in [*cluster.command("backup"), "--to", backup]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            eventually("the escalator's new checkpoint", 30, lambda: checkpoints(backup) - before)
        finally:
            second.kill()
            second.wait()
            os.kill(stopped, signal.SIGCONT)
        assert json.loads((backup / "manifest.json").read_text())["tiers"] == taken["tiers"]
        leave_half_a_write(backup / "scheduler/journal.db")
        assert (backup / "scheduler/journal.db-journal").stat().st_size > 0
        told = cluster.ctl("backup", "verify", backup)
        assert "every row is what was written" in told and "a later backup was not finished" in told, told
        # Without its checkpoint a copy is as whole.
        assert before < checkpoints(backup), checkpoints(backup)
        for name in before:
            (backup / "escalator" / name).unlink()
        assert "is missing: its first start takes longer" in cluster.ctl("backup", "verify", backup)
        place = cluster.folder / "kept-keys"
        for tier in TIERS:
            cluster.kill(tier)
            shutil.rmtree(cluster.folder / tier)
            out = cluster.ctl("restore", tier, "--from", backup, "--data", cluster.folder / tier, "--contact-keys", place)
            assert "rows are restored" in out, out
            if tier == "notifier":
                assert "the contact keys are restored" in out and place.exists(), out
                place.rename(cluster.folder / tier / "contact-keys")
            cluster.start(tier)
            cluster.ctl("health", "--wait", "20")
        # A tier that is down ends no backup of the others.
        earlier = json.loads((backup / "manifest.json").read_text())["tiers"]
        publish(200)
        cluster.kill("notifier")
        lacking = cluster.ctl("backup", "--to", backup, check=False)
        assert lacking.returncode == 4 and "notifier was not copied, the copy that ends at row" in lacking.stderr, lacking
        tiers = json.loads((backup / "manifest.json").read_text())["tiers"]
        assert tiers["notifier"] == earlier["notifier"] and tiers["alert-intake"]["rows"] > earlier["alert-intake"]["rows"], (earlier, tiers)
        assert "every row is what was written" in cluster.ctl("backup", "verify", backup)
        assert len(checkpoints(backup)) == 1, checkpoints(backup)
        return "killed while it waited and within a write: the earlier backup is whole and restores every tier"


def leave_half_a_write(path):
    """As a process that is killed within a transaction leaves it: the file changed, and beside it what undoes that."""
    script = (
        "import os, signal, sqlite3, sys\n"
        "journal = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "journal.execute('PRAGMA cache_size=1')\n"
        "journal.execute('BEGIN')\n"
        "journal.execute('DELETE FROM record')\n"
        "journal.execute('CREATE TABLE rest(x)')\n"
        "for number in range(200): journal.execute('INSERT INTO rest VALUES(randomblob(4000))')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n")
    subprocess.run([sys.executable, "-c", script, str(path)])


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
        script = 'n=0; while :; do n=$((n+1)); "$@" --to "$DIR/b$n" >"$DIR/said" || exit 1; rm -rf "$DIR/b$((n-1))"; echo $n >"$DIR/new"; mv "$DIR/new" "$DIR/count"; done'
        folder = cluster.folder / "backups"
        folder.mkdir()
        finished = lambda: int((folder / "count").read_text()) if (folder / "count").exists() else 0
        copying = subprocess.Popen(
            ["bash", "-c", script, "backups", *cluster.command("backup")], env={**os.environ, "DIR": str(folder)},
            start_new_session=True)
        try:
            eventually("a first backup", 60, lambda: finished() > 0)
            before = finished()
            busy = measure(3_000_000)
            during = finished() - before
            assert copying.poll() is None, (folder / "said").read_text()
        finally:
            os.killpg(copying.pid, signal.SIGKILL)
            copying.wait()
        assert during >= 1, "no backup was finished while pages were measured"
        # One page in forty may meet a disk that is slow for another reason.
        late = busy[len(busy) * 95 // 100]
        assert statistics.median(busy) < 2 * statistics.median(quiet) + 50 and late < 1_000, (quiet, busy)
        return (f"alert to webhook p50 {statistics.median(quiet):.0f} ms, worst {quiet[-1]:.0f} ms; during {during} backups p50 "
                f"{statistics.median(busy):.0f} ms, p95 {late:.0f} ms, worst {busy[-1]:.0f} ms")


ALL = [a_flipped_bit_in_a_backup_is_found, a_backup_that_is_cut_short_leaves_the_earlier_one,
       a_tier_whose_disk_is_gone_is_restored_under_load, a_backup_delays_no_page]
