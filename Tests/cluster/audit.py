"""Who changed what, and how well the cluster is kept: as an operator sees it, on the real executables."""
import json
import sqlite3
import stat

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

        # Keys: within a second, and what was changed while a tier was down when it is back.
        for tier in TIERS:
            eventually(f"the keys as they were at {tier}", 5, lambda: records(cluster, "--what", "of wall", "--tier", tier))
        cluster.kill("notifier")
        keys(cluster, "revoke", "wall")
        cluster.start("notifier")
        cluster.ctl("health", "--wait", "20")
        for tier in TIERS:
            found = eventually(f"the change of keys at {tier}", 5, lambda: len(
                found := records(cluster, "--what", "of wall", "--tier", tier)) > 1 and found)
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
        assert "the hashes are those" in cluster.ctl("audit", "verify", "--against", kept)

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
        # A tier's key that ends soon.
        lines = good.splitlines(keepends=True)
        soon = [line.replace("\n", " until=2099-01-01T00:00:00Z\n") if line.startswith("notifier ") else line for line in lines]
        path.write_text("".join(soon))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        eventually("well with an end far off", 5, lambda: cluster.ctl("doctor", check=False).returncode == 0)
        cluster.kill("notifier")
        must("notifier", tier="notifier")
        return f"{len(report['findings'])} findings"


ALL = [
    every_change_is_in_the_audit_with_who_from_where_and_what, anothers_incident_is_not_a_responders_to_answer,
    a_flipped_byte_is_found_by_verify, the_doctor_says_what_to_mend_and_ends_accordingly,
]
