"""What happened in a time, for whoever keeps records elsewhere."""
import json
import sqlite3
import subprocess
import time

from cluster import Cluster, eventually
from wire import Client, event, intake, key


def what_happened_in_a_time_is_exported(binaries, alerts=300):
    """More lines than one answer holds, each once and in order; nothing from before or after."""
    with Cluster(binaries) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        ids = [client.publish_until_ok(event(number, 1 + number % 3), key())[0].alert_id for number in range(alerts)]
        eventually("every incident", 20, lambda: int(cluster.json("incident", "list", "--limit", "1")["open"]) == alerts)
        for id in ids[:20]:
            cluster.ctl("incident", "resolve", id, "--by", "dee")
        eventually("every page", 30, lambda: set(ids) <= {body["incident"] for body in cluster.receiver.received()})
        time.sleep(1.1)
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        time.sleep(1.1)
        late = client.publish_until_ok(event(alerts, 1), key())[0].alert_id
        eventually("the late one", 10, lambda: cluster.ctl("incident", "show", late, check=False).returncode == 0)

        def export(*arguments):
            return [json.loads(line) for line in cluster.ctl("export", "--since", "-1h", *arguments).splitlines()]

        told = export("--until", end)
        # Four at once: each gets its pages, and the same.
        command = cluster.command("export", "--since", "-1h", "--until", end)
        together = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        for one in together:
            said, wrong = one.communicate(timeout=60)
            assert one.returncode == 0, wrong
            assert [json.loads(line) for line in said.splitlines()] == told
        of = lambda kind: [one[kind] for one in told if one["type"] == kind]
        assert {one["id"] for one in of("incident")} == set(ids) and len(of("incident")) == alerts
        assert sum(one["state"] == "INCIDENT_STATE_RESOLVED" for one in of("incident")) == 20
        lines = [(int(one["sequence"]), one["subject"], one["kind"], one.get("text", "")) for one in of("line")]
        assert len(lines) > 1_000 and [line[0] for line in lines] == sorted(line[0] for line in lines)
        assert len(set(lines)) == len(lines), "a line came twice"
        for id in ids[:3] + ids[-3:]:
            timeline = cluster.json("incident", "timeline", id)["lines"]
            assert [line[2] for line in lines if line[1] == id] == [line["kind"] for line in timeline], id
        # The ledger forgets what was answered.
        assert {one["incident_id"] for one in of("page")} >= set(ids[20:])
        assert late not in {line[1] for line in lines} | {one["incident_id"] for one in of("page")}
        assert {one["id"] for one in of("alert")} == set(ids[20:])
        assert late in {one["incident"]["id"] for one in export("--only", "incident")}
        wrong = cluster.ctl("export", "--since", "teatime", check=False)
        assert wrong.returncode == 2 and "--since" in wrong.stderr, wrong
        return f"{len(lines)} lines of {alerts} incidents, {len(of('page'))} deliveries"


def what_ended_a_day_ago_leaves_history(binaries, alerts=150):
    """With --keep-history of a day, at a clock that takes half a minute for one: timelines of then are gone, those of now are there, and
    as many incidents again take the room of those that are gone."""
    def used(index):
        with sqlite3.connect(f"file:{index}?mode=ro", uri=True, timeout=10) as disk:
            pages, free = (disk.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
            return pages - free, pages

    with Cluster(binaries, rate=2880, extra={"escalator": ["--keep-history", "1"]}) as cluster:
        client = Client(cluster.endpoint("alert-intake"))

        def ended(first, count=alerts):
            """So many incidents that open and end at once, and their ids."""
            ids = []
            for number in range(first, first + count):
                ids.append(client.publish_until_ok(event(number, 3), key())[0].alert_id)
                over = intake.Event(action=intake.ACTION_RESOLVE, source="cluster", dedup_key=f"alert-{number}")
                client.publish_until_ok(over.SerializeToString(), key())
            eventually("all are over", 20, lambda: int(cluster.json("incident", "list", "--limit", "1").get("open", 0)) == 0)
            return ids

        def timeline(id):
            return cluster.ctl("incident", "timeline", id, check=False).stdout

        index = cluster.folder / "escalator/history.db"
        before = ended(0)
        eventually("history has the last of them", 10, lambda: "resolved" in timeline(before[-1]))
        full, pages = used(index)

        def is_forgotten():
            # History goes on when something happens.
            since.extend(ended(10_000 + len(since), count=1))
            return not any(timeline(id) for id in before[::10])

        since = []
        eventually("those of a day ago are forgotten", 90, is_forgotten, pause=1)
        eventually("what ended just now is there", 10, lambda: "resolved" in timeline(since[-1]))
        left = eventually("their room is free", 10, lambda: (now := used(index)[0]) < full / 2 and now)
        again = ended(1_000)
        eventually("history has the last of them", 10, lambda: "resolved" in timeline(again[-1]))
        grown = used(index)[1]
        # Were the room not used again, it would be twice as many.
        assert grown < pages * 1.6, f"{pages} pages became {grown}"
        journal = cluster.json("audit", "verify")
        assert journal["intact"], journal
        return f"{alerts} incidents took {full} pages of history, {left} when they were forgotten; the file has {pages}, and {grown} with as many again"


ALL = [what_happened_in_a_time_is_exported, what_ended_a_day_ago_leaves_history]
