"""Who changed what, and how well the cluster is kept: as an operator sees it, on the real executables."""
import json
import re
import sqlite3
import stat
import subprocess
import time
from datetime import datetime, timedelta, timezone

import zmq

import keyring
from cluster import TIERS, Cluster, eventually
from keys import created, keys
from wire import ACKNOWLEDGE, Client, escalation, key

DENIED = 7


def records(cluster, *filters):
    return json.loads(cluster.ctl("audit", *filters, "-o", "json"))


def changed(record):
    return {change["name"]: (change["before"], change["after"]) for change in record["record"]["changes"]}


def every_change_is_in_the_audit_with_who_from_where_and_what(binaries):
    """Apply, a silence, an incident, an override, a contact, keys and refusals: each is told with before and after, and no address."""
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        pairs = {name: created(cluster, name, role) for name, role in [(primary, "responder"), ("tara", "lead"), ("wall", "observer")]}
        mine = ["--key-file", cluster.keys / f"{primary}.secret"]
        cluster.ctl("silence", "add", "--match", "service=redis", "--until", "+2h", "--reason", "failover test", "--by", primary, *mine)
        cluster.ctl("silence", "end", "silence-1", "--reason", "it is over", "--by", primary, *mine)
        cluster.ctl("alert", "send", "--severity", "SEV-2", "--key", "one", "audited")
        incident = eventually("the incident", 10, lambda: cluster.json("incident", "list").get("incidents"))[0]["id"]
        cluster.ctl("incident", "ack", incident, "--by", primary, *mine)
        cluster.ctl("incident", "severity", incident, "SEV-3", "--reason", "one customer", "--by", primary, *mine)
        address = "+49 160 5550123"
        cluster.ctl("contact", "add", "sms", "--by", primary, *mine, stdin=address)

        applied = records(cluster, "--method", "Configure")
        assert {record["tier"] for record in applied} == set(TIERS), applied
        assert all(record["record"]["principal"] == "admin" and changed(record) for record in applied), applied

        added, ended = records(cluster, "--what", "silence-1", "--tier", "alert-intake")
        assert added["record"]["principal"] == primary == added["record"]["by"] and added["record"]["from"] == "127.0.0.1", added
        assert changed(added)["reason"] == ("", "failover test"), added
        assert changed(ended)["ended because"] == ("", "it is over"), ended

        acknowledged, severity = records(cluster, "--by", primary, "--tier", "escalator")
        assert changed(acknowledged)["state"] == ("triggered", "acknowledged"), acknowledged
        assert changed(severity)["severity"] == ("sev2", "sev3") and "one customer" in severity["record"]["what"], severity
        assert severity["record"]["method"] == "/tocsin.escalation.v1.Escalation/SetSeverity", severity

        # Refused: without the role, and in another's name.
        for who, by in [("wall", "wall"), (primary, "tara")]:
            client = Client(cluster.endpoint("escalator"), keys=pairs[who])
            for _ in range(30):
                payload = escalation.AcknowledgeRequest(incident_id=incident, by=by).SerializeToString()
                assert client.call(ACKNOWLEDGE, payload, key())[0].status == DENIED
            client.close()
        refused = eventually("the refusals", 5, lambda: len(found := records(cluster, "--refused", "--tier", "escalator")) == 20 and found)
        assert {record["record"]["principal"] for record in refused} == {"wall", primary}, refused
        assert all(record["record"]["status"] == DENIED for record in refused), refused
        # Ten of each have a record, and the other twenty are counted when the tier stops.
        cluster.stop("escalator")
        cluster.start("escalator")
        cluster.ctl("health", "--wait", "20")
        counted = records(cluster, "--refused", "--tier", "escalator")
        assert sum(1 + int(record["record"].get("alike", 0)) for record in counted) == 60, counted
        assert len([one for one in counted if one["record"]["what"] == "20 more refused, without records of their own"]) == 2, counted

        # Keys: within a second, and what was changed while a tier was down when it is back.
        # Refusals name the key too, and change nothing.
        keys_of_wall = lambda tier: [one for one in records(cluster, "--what", "of wall", "--tier", tier) if changed(one)]
        for tier in TIERS:
            eventually(f"the keys as they were at {tier}", 10, lambda: keys_of_wall(tier))
        cluster.kill("notifier")
        keys(cluster, "revoke", "wall")
        cluster.start("notifier")
        cluster.ctl("health", "--wait", "20")
        for tier in TIERS:
            found = eventually(f"the change of keys at {tier}", 10, lambda: len(found := keys_of_wall(tier)) > 1 and found)
            before, after = list(changed(found[-1]).values())[-1]
            assert "revoked" in after and "revoked" not in before and before, found

        said = json.dumps([[one["record"].get("what"), one["record"].get("changes")] for one in records(cluster, "--limit", "1000")])
        assert "5550123" not in said and "+49" not in said, "an address is in the audit"
        table = cluster.ctl("audit", "--by", primary)
        assert "severity: sev2 → sev3" in table and "127.0.0.1" in table, table
        # Whoever isn't a lead doesn't read it.
        denied = cluster.ctl("audit", *mine, check=False)
        assert denied.returncode == 1 and "needs the role lead or admin" in denied.stderr, denied
        return f"{len(records(cluster, '--limit', '1000'))} records"


def anothers_incident_is_not_a_responders_to_answer(binaries):
    """Of people whom no schedule of the team names: refused with who could add them, until somebody does."""
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        pair = created(cluster, "stranger", "responder")
        cluster.ctl("alert", "send", "--severity", "SEV-2", "--key", "one", "not theirs")
        incident = eventually("the incident", 10, lambda: cluster.json("incident", "list").get("incidents"))[0]["id"]
        client = Client(cluster.endpoint("escalator"), keys=pair)
        payload = escalation.AcknowledgeRequest(incident_id=incident, by="stranger").SerializeToString()
        answered = client.call(ACKNOWLEDGE, payload, key())[0]
        assert answered.status == DENIED and "is neither on it nor of that team" in answered.status_message, answered
        assert cluster.json("incident", "list")["incidents"][0]["state"] == "INCIDENT_STATE_TRIGGERED"
        found = records(cluster, "--refused", "--by", "stranger")
        assert len(found) == 1 and incident in found[0]["record"]["what"], found
        created(cluster, primary, "responder")
        cluster.ctl("incident", "ack", incident, "--by", primary, "--key-file", cluster.keys / f"{primary}.secret")
        return answered.status_message


def whoever_is_turned_away_is_counted_by_reason_and_address(binaries):
    """Thirty keys that nobody knows from each of two addresses, and one that is known from a third: what the records count is all of them."""
    with Cluster(binaries) as cluster:
        tiers = cluster.endpoint("notifier")
        port = tiers.rsplit(":", 1)[1]

        def knocks(address, pair):
            client = zmq.Context.instance().socket(zmq.DEALER)
            client.setsockopt(zmq.LINGER, 0)
            client.curve_publickey, client.curve_secretkey = pair
            client.curve_serverkey = keyring.SERVERS[tiers]
            client.connect(f"tcp://{address}:0;127.0.0.1:{port}")
            return client

        wrong = created(cluster, "visitor", "observer", "--from", "10.0.0.0/8")
        knocking = [knocks(address, zmq.curve_keypair()) for _ in range(30) for address in ["127.0.0.2", "127.0.0.3"]]
        knocking.append(knocks("127.0.0.4", wrong))

        def told():
            listed = records(cluster, "--refused", "--tier", "notifier", "--limit", "1000")
            return [one["record"] for one in listed if "turned away" in one["record"]["what"]]

        def counted(found, address):
            return sum(1 + int(one.get("alike", 0)) for one in found if one["from"] == address)

        eventually("records of all three", 15, lambda: {one["from"] for one in told()} >= {"127.0.0.2", "127.0.0.3", "127.0.0.4"})
        eventually("the first ten of each", 15, lambda: all(counted(told(), f"127.0.0.{last}") >= 10 for last in [2, 3]))
        time.sleep(1.5)  # the last that were turned away are known to the tier
        for client in knocking:
            client.close()
        cluster.stop("notifier")
        cluster.start("notifier")
        found = eventually("what had no record of its own", 20, lambda: (
            seen := told()) and counted(seen, "127.0.0.2") >= 30 and counted(seen, "127.0.0.3") >= 30 and seen)
        assert counted(found, "127.0.0.2") == counted(found, "127.0.0.3") == 30, found
        assert len(found) == 10 + 1 + 10 + 1 + 1, found
        one = next(one for one in found if one["from"] == "127.0.0.4")
        assert one["principal"] == "visitor" and "may not be used from 127.0.0.4" in one["what"], one
        return "; ".join(sorted(one["what"] for one in found if "more" in one["what"]))


def a_flipped_byte_is_found_by_verify(binaries):
    """In an old row of a journal that is in use; and a journal that was rewritten with hashes that fit is found by those that were kept."""
    with Cluster(binaries) as cluster:
        for number in range(20):
            cluster.ctl("change", "send", "--service", "redis", f"deployment {number}")
        whole = json.loads(cluster.ctl("audit", "verify", "-o", "json"))
        assert whole["intact"] and set(whole["tiers"]) == set(TIERS), whole
        kept = cluster.folder / "audit.jsonl"
        kept.write_text(cluster.ctl("audit", "export"))
        heads = [line for line in map(json.loads, kept.read_text().splitlines()) if "head" in line]
        assert [head["head"]["tier"] for head in heads] == TIERS, heads
        assert f"the hashes are those that {kept} has" in cluster.ctl("audit", "verify", "--against", kept)
        assert "the hashes are those" in cluster.ctl("audit", "verify", "--against", "-", stdin=kept.read_text())

        forged = cluster.folder / "forged.jsonl"
        head = heads[0]["head"]
        forged.write_text(json.dumps({"head": {**head, "chain": "00" * 32}}).replace(" ", "") + "\n")
        found = cluster.ctl("audit", "verify", "--against", forged, check=False)
        assert found.returncode == 1 and f"row {head['sequence']} is not the one that was there" in found.stdout, found

        # By another connection than the tier's, which folds nothing back.
        path = cluster.folder / "alert-intake" / "journal.db"
        disk = sqlite3.connect(path, timeout=10, isolation_level=None)
        disk.execute("PRAGMA wal_autocheckpoint=0")
        row, body = disk.execute("SELECT seq, body FROM record WHERE seq>3 AND length(body)>100 ORDER BY seq LIMIT 1").fetchone()
        flipped = bytearray(body)
        flipped[40] ^= 1
        disk.execute("UPDATE record SET body=? WHERE seq=?", (bytes(flipped), row))
        found = cluster.ctl("audit", "verify", check=False)
        assert found.returncode == 1 and f"row {row} is not what was written" in found.stdout, found
        doctor = cluster.ctl("doctor", "--full", check=False)
        assert doctor.returncode == 1 and f"row {row} is not what was written" in doctor.stdout, doctor
        disk.execute("UPDATE record SET body=? WHERE seq=?", (body, row))
        disk.close()
        assert "every row is what was written" in cluster.ctl("audit", "verify")
        return " ".join(next(line for line in found.stdout.splitlines() if f"row {row} " in line).split())


def the_doctor_says_what_to_mend_and_ends_accordingly(binaries):
    with Cluster(binaries) as cluster:
        report = json.loads(cluster.ctl("doctor", "-o", "json"))
        assert report["well"], report
        found = {(one["where"], one["name"]): one for one in report["findings"]}
        for tier in TIERS:
            for name in ["health", "versions", "core dumps", "open files", "keys", "journal", "room", "clock", "limits", "chain"]:
                assert (tier, name) in found, (tier, name)
            assert found[tier, "core dumps"]["value"] == "off", found
            for library in ["tocsin", "libzmq", "SQLite", "protobuf-c", "libcurl"]:
                assert re.search(rf"{library} \d+\.\d+", found[tier, "versions"]["value"]), (library, found[tier, "versions"])
            assert found[tier, "secret files"]["value"].endswith("each readable by its owner only"), found
            limits = open(f"/proc/{cluster.processes[tier].pid}/limits").read()
            assert any(line.split()[4] in ("0", "1") for line in limits.splitlines() if line.startswith("Max core file size")), limits
        assert found["keys", "role admin"]["value"] == "admin" and found["keys", "role source"]["value"] == "nobody", found

        def must(words, tier="keys"):
            ended = cluster.ctl("doctor", "-o", "json", check=False)
            report = json.loads(ended.stdout)
            assert ended.returncode == 1 and not report["well"], ended
            assert any(one["must"] and words in one["value"] + one["mend"] and one["where"] == tier for one in report["findings"]), report

        secret = cluster.keys / "escalator.secret"
        secret.chmod(0o440)
        must("can be read by others")
        secret.chmod(0o400)
        path = cluster.keys / "authorized"
        good = path.read_text()
        path.write_text(good + "somebody roles=lead key=short\n")
        must("needs a public key")
        path.write_text(good)
        eventually("the list is well again", 5, lambda: cluster.ctl("doctor", check=False).returncode == 0)
        # A tier's key that ends soon: the folder says so, and the tier of its own.
        def notifiers_ends(when):
            words = f" until={when:%Y-%m-%dT%H:%M:%SZ}\n"
            path.write_text("".join(
                line.replace("\n", words) if line.startswith("notifier ") else line for line in good.splitlines(keepends=True)))
            assert stat.S_IMODE(path.stat().st_mode) == 0o600

        today = datetime.now(timezone.utc)
        notifiers_ends(today + timedelta(days=5))
        must("tocsinctl keys rotate notifier")
        must("ends in ")
        eventually("the tier's word", 5, lambda: any(
            one["must"] and one["name"] == "own key" and "keys rotate notifier" in one["mend"]
            for one in json.loads(cluster.ctl("doctor", "-o", "json", check=False).stdout)["findings"]))
        notifiers_ends(today + timedelta(days=4_000))
        eventually("well with an end far off", 5, lambda: cluster.ctl("doctor", check=False).returncode == 0)
        # What the notifier has of providers and people.
        for file in [cluster.receiver.secret, cluster.folder / "notifier" / "contact-keys"]:
            mode = stat.S_IMODE(file.stat().st_mode)
            file.chmod(0o644)
            must(f"{file} can be read by others (mode 644)", tier="notifier")
            file.chmod(mode)
        # Some channels reach people, and the others look as if they did.
        assert found["notifier", "channels"]["value"].endswith("by webhook") and not found["notifier", "channels"]["mend"], found
        unset = {(one["where"], one["name"]) for one in report["findings"] if "without it" in one["mend"]}
        assert unset == {*((tier, "fallback webhook") for tier in TIERS), ("notifier", "dead-man's switch")}, unset
        contacts = cluster.folder / "config" / "contacts.yaml"
        routed = contacts.read_text()
        contacts.write_text(re.sub(r"(?m)^  sms: .*$", "  sms: console", routed))
        told = subprocess.run([cluster.binaries / "tocsinctl", "check-config", cluster.folder / "config"], capture_output=True, text=True).stdout
        assert "note: pages by sms are written to a file" in told, told
        cluster.ctl("apply", "-f", cluster.folder / "config")
        must("pages by sms are written to a file, count as handed over and reach nobody", tier="notifier")
        contacts.write_text(routed)
        cluster.ctl("apply", "-f", cluster.folder / "config")
        # Who sends with a key that is over is refused, and may not notice.
        ended = today - timedelta(hours=3)
        path.write_text(good + f"pager roles=source key={'a1' * 20} from={ended - timedelta(days=365):%Y-%m-%dT%H:%M:%SZ} until={ended:%Y-%m-%dT%H:%M:%SZ}\n")
        must("ended 3h ago: what it sends is refused")
        path.write_text(good)
        cluster.kill("notifier")
        must("notifier", tier="notifier")
        return f"{len(report['findings'])} findings"


ALL = [
    every_change_is_in_the_audit_with_who_from_where_and_what, anothers_incident_is_not_a_responders_to_answer,
    whoever_is_turned_away_is_counted_by_reason_and_address, a_flipped_byte_is_found_by_verify, the_doctor_says_what_to_mend_and_ends_accordingly,
]
