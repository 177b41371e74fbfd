"""What happened in a time, for whoever keeps records elsewhere."""
import json
import time

from cluster import Cluster, eventually
from wire import Client, event, key


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


ALL = [what_happened_in_a_time_is_exported]
