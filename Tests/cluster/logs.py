"""What the tiers log: an object a line, whatever stands in an alert, and one word to find it by from its source to its page."""
import json

from cluster import TIERS, Cluster, eventually
from wire import PUBLISH, Client, intake, key

HOSTILE = ["line\nend", "\r\n{\"level\": \"critical\"}", "\x1b[2J\x1b[31mred", "\u202eturned", "quote \" \\ back", "{\"a\": 1}", "%s%n", "🔥 漢字",
           "\u2028\u2029", "x" * 1_000]


def an_alert_is_followed_by_one_word_through_every_log(binaries):
    with Cluster(binaries, extra={tier: ["--log-format", "json", "--log-level", "info"] for tier in TIERS}) as cluster:
        client = Client(cluster.sources())
        ids = {}
        for number, text in enumerate(HOSTILE):
            alert = intake.Event(
                action=intake.ACTION_TRIGGER, source="cluster", dedup_key=f"hostile-{number}", severity=1, summary=text,
                service=f"service-{number}", details=text)
            answer = client.call(PUBLISH, alert.SerializeToString(), key())
            if answer[0].status == 0:
                ids[intake.PublishReply.FromString(answer[1]).alert_id] = text
        assert len(ids) >= 6, ids

        def events(tier):
            """By trace; every line must be an object."""
            found = {}
            for line in (cluster.folder / f"{tier}.log").read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):
                    told = json.loads(line)
                    assert {"at", "level", "tier", "message"} <= set(told) and told["tier"] == tier, told
                    assert not any(byte < 0x20 for byte in line[:-1]) and len(line) < 4_096, line
                    if "trace" in told:
                        found.setdefault(told["trace"], []).append(told["event"])
            return found

        wanted = {"alert-intake": ["accepted", "handed over"], "escalator": ["opened", "paged"],
                  "notifier": ["page taken", "provider asked", "provider answered"]}
        for tier, words in wanted.items():
            eventually(f"every alert in the log of {tier}", 20, lambda: all(
                word in events(tier).get(id, []) for id in ids for word in words))
        lines = sum(map(len, events("escalator").values()))
        assert all(events("escalator")[id].count("opened") == 1 for id in ids)
        return f"{len(ids)} hostile alerts, each found by its id in three logs; {lines} lines of the escalator's"


ALL = [an_alert_is_followed_by_one_word_through_every_log]
