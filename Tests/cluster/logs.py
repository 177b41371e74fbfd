"""What the tiers log: an object a line, whatever stands in an alert, and one word to find it by from its source to its page."""
import fcntl
import json
import os

from account import accepted, duty_pages, source
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


class Unread(Cluster):
    """Each tier's standard error is a pipe of a page that nobody reads."""

    def log(self, tier):
        self.pipes = getattr(self, "pipes", {})
        out, into = os.pipe()
        fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 4_096)
        self.pipes[tier] = out
        return os.fdopen(into, "wb")

    def waiting(self, tier):
        """What lies in a tier's pipe."""
        os.set_blocking(self.pipes[tier], False)
        try:
            return os.read(self.pipes[tier], 65_536)
        except BlockingIOError:
            return b""


def whoever_stops_reading_the_log_stops_no_page(binaries):
    """Every pipe fills with lines about alerts; then the loops log too, because peers go and come back."""
    with Unread(binaries, extra={tier: ["--log-level", "info"] for tier in TIERS}) as cluster:
        account = cluster.folder / "account.jsonl"

        def all_paged(count):
            assert source(cluster, account, count, 100, len(accepted(account))).wait() == 0
            wanted = {entry["id"] for entry in accepted(account)}
            eventually("every accepted alert's first page", 30, lambda: wanted <= duty_pages(cluster.receiver.received()))
            return len(wanted)

        all_paged(200)
        for tier in ["escalator", "notifier"]:
            cluster.restart(tier)
            all_paged(100)
        cluster.ctl("health")
        paged = all_paged(100)
        # Who reads on has it all, from where it stood.
        parts = b""
        wanted = accepted(account)[-1]["id"].encode()

        def read_on():
            nonlocal parts
            parts += cluster.waiting("alert-intake")
            return any(wanted in line and b"handed over" in line for line in parts.splitlines())

        eventually("the last alert in the log", 20, read_on)
        lines = parts.splitlines()
        assert b"lines of the log were dropped" not in parts
        took = cluster.stop("escalator")
        assert took < 4, f"the escalator took {took:.1f} s to end"
        return f"{paged} paged with nobody reading; then {len(lines)} lines of alert-intake came at once, and the escalator ended in {took:.1f} s"


ALL = [an_alert_is_followed_by_one_word_through_every_log, whoever_stops_reading_the_log_stops_no_page]
