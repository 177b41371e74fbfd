"""Tiers that hang, are cut off from each other, or are away for days."""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from account import FirstPages, Followed, accepted, duplicates, duty_pages, source
from cluster import TIERS, Cluster, eventually
from wire import ACKNOWLEDGE, RESOLVE, Client, escalation, key


def hung_tiers_lose_nothing(binaries, pauses=(1, 4), per_second=30):
    """SIGSTOP under load: connections stay open and nobody answers. Peers wait, and go on when the tier does."""
    with Cluster(binaries) as cluster:
        account = cluster.folder / "account.jsonl"
        publishing = source(cluster, account, 1_000_000, per_second)
        try:
            for tier in TIERS:
                for pause in pauses:
                    os.kill(cluster.processes[tier].pid, signal.SIGSTOP)
                    time.sleep(pause)
                    os.kill(cluster.processes[tier].pid, signal.SIGCONT)
                    count = len(accepted(account))
                    eventually(f"alerts after {tier} went on", 20, lambda: len(accepted(account)) > count + 5)
        finally:
            publishing.kill()
            publishing.wait()
        assert all(process.poll() is None for process in cluster.processes.values()), "a tier ended"
        entries = accepted(account)
        wanted = {entry["id"] for entry in entries}
        assert len(wanted) == len(entries)
        eventually("every accepted alert's first page", 60, lambda: wanted <= duty_pages(cluster.receiver.received()))
        silent, marked = duplicates(cluster.receiver.received())
        assert not silent, f"came twice without saying so: {silent[:5]}"
        return f"{len(entries)} accepted, each tier stopped for {' and '.join(map(str, pauses))} s: 0 lost, {marked} marked as repeats"


def hung_for_two_minutes_nothing_is_lost(binaries):
    return hung_tiers_lose_nothing(binaries, pauses=(10, 60, 120))


class Apart(Cluster):
    """Each tier in a network of its own, all joined by one router: this process's network, whose nftables cut them off."""

    def __init__(self, binaries):
        self.names = {tier: f"tocsin-{os.getpid()}-{number}" for number, tier in enumerate(TIERS, 1)}
        self.addresses = {tier: f"10.77.{number}.2" for number, tier in enumerate(TIERS, 1)}
        run("ip link set lo up")
        run("sysctl -qw net.ipv4.ip_forward=1")
        for number, (tier, name) in enumerate(self.names.items(), 1):
            run(f"ip netns add {name}")
            run(f"ip link add v{number} type veth peer name e0 netns {name}")
            run(f"ip address add 10.77.{number}.1/24 dev v{number}")
            run(f"ip link set v{number} up")
            for words in [f"address add 10.77.{number}.2/24 dev e0", "link set e0 up", "link set lo up",
                          f"route add default via 10.77.{number}.1"]:
                run(f"ip -n {name} {words}")
        run("nft add table inet cut")
        run("nft add chain inet cut forward { type filter hook forward priority 0 ; }")
        super().__init__(binaries)

    def __exit__(self, *about):
        super().__exit__(*about)
        for name in self.names.values():
            run(f"ip netns del {name}")

    def prefix(self, tier):
        return ["ip", "netns", "exec", self.names[tier]]

    def endpoint(self, tier):
        return f"tcp://{self.addresses[tier]}:{self.ports[tier]}"

    def sources(self, intake="alert-intake"):
        return f"tcp://{self.addresses[intake]}:{self.sources_ports[intake]}"

    def cut(self, sender, receiver):
        """What one tier sends to the other is dropped, answers to it included."""
        run(f"nft add rule inet cut forward ip saddr {self.addresses[sender]} ip daddr {self.addresses[receiver]} drop")

    def heal(self):
        run("nft flush chain inet cut forward")


def run(command):
    subprocess.run(command.split(), check=True)


PAIRS = [("alert-intake", "escalator"), ("escalator", "notifier"), ("scheduler", "escalator"), ("scheduler", "notifier"),
         ("notifier", "alert-intake"), ("scheduler", "alert-intake")]


def cut_off_in_own_networks(binaries, seconds, per_second):
    """In a process of its own: it leaves this machine's network."""
    with Apart(binaries) as cluster:
        account = cluster.folder / "account.jsonl"
        publishing = source(cluster, account, 1_000_000, per_second)
        began, slowest, most_owed = time.monotonic(), 0, 0
        published, pages, known, open_ones = Followed(account), FirstPages(cluster.receiver), set(), set()
        people = Client(cluster.endpoint("escalator"))

        def newly_accepted():
            new = {entry["id"] for entry in published.lines()}
            known.update(new)
            open_ones.update(new)
            return known - pages.now()

        def resolve_what_is_open():
            """So that at a cut's end only what opened in it is open, and a second page of one person would be one too many."""
            for id in open_ones:
                people.until_ok(RESOLVE, escalation.ResolveRequest(incident_id=id, by="dee").SerializeToString(), key(), again=(4, 5, 8, 10, 14))
            open_ones.clear()

        try:
            for one, other in PAIRS:
                # Both directions, then each of them alone.
                for cut in [[(one, other), (other, one)], [(one, other)], [(other, one)]]:
                    for direction in cut:
                        cluster.cut(*direction)
                    time.sleep(seconds)
                    cluster.heal()
                    healed, owed = time.monotonic(), newly_accepted()
                    most_owed = max(most_owed, len(owed))
                    eventually(f"what {one} and {other} owed each other", 30, lambda: owed <= pages.now())
                    slowest = max(slowest, time.monotonic() - healed)
                    resolve_what_is_open()
        finally:
            took = time.monotonic() - began
            publishing.kill()
            publishing.wait()
        entries = accepted(account)
        wanted = {entry["id"] for entry in entries}
        assert len(wanted) == len(entries) > 0.9 * per_second * took
        # Whichever pair hands alerts on owed nearly all that came in a cut.
        assert most_owed > 0.8 * per_second * seconds, f"at most {most_owed} were owed when a cut ended"
        eventually("every accepted alert's first page", 30, lambda: wanted <= pages.now())
        received = cluster.receiver.received()
        silent, marked = duplicates(received)
        assert not silent, f"came twice without saying so: {silent[:5]}"
        pages = {}
        for body in received:
            if body["incident"] in wanted and body["person"]:
                pages.setdefault((body["incident"], body["person"], body["channel"]), set()).add(body["page"])
        storm = max(len(numbers) for numbers in pages.values())
        assert storm <= 2, f"somebody was paged {storm} times for one incident"
        return (f"{len(entries)} accepted, {len(PAIRS)} pairs cut for {seconds} s both ways and each way: 0 lost, up to {most_owed} "
                f"owed and all paged {slowest:.1f} s after the network healed, at most {storm - 1} further pages, {marked} marked as repeats")


def cut_off_from_each_other_nothing_is_lost(binaries, seconds=3, per_second=20):
    """Each pair of tiers, packets dropped and not refused: connections look open for a while. What is owed when the network heals
    is paged within 30 s."""
    told = subprocess.run(
        ["unshare", "-n", sys.executable, Path(__file__), binaries, str(seconds), str(per_second)], capture_output=True, text=True,
        cwd=Path(__file__).parents[2])
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout.strip()


def cut_off_for_five_minutes_nothing_is_lost(binaries):
    """An hour. 50 a second are 15,000 owed in the end: paged within 30 s, they drain at 500 a second."""
    return cut_off_from_each_other_nothing_is_lost(binaries, seconds=300, per_second=50)


class Away:
    """A cluster whose tiers all stop and come back after a time: their clock has an origin in a file, and that is moved."""

    def __init__(self, cluster):
        self.cluster = cluster

    def for_(self, milliseconds):
        for tier in TIERS:
            self.cluster.stop(tier)
        origin = self.cluster.folder / "clock-origin"
        wall, boot = map(int, origin.read_text().split())
        origin.write_text(f"{wall + milliseconds} {boot}\n")
        for tier in TIERS:
            self.cluster.start(tier)
        self.cluster.ctl("health", "--wait", "60")


def away_with_incidents_open(binaries, milliseconds, incidents):
    # A rate that is not 1: then the clock is the file's, and not the machine's.
    with Cluster(binaries, rate=1.0001) as cluster:
        sources = [source(cluster, cluster.folder / f"account-{part}", incidents // 4, 200, 1_000_000 * part) for part in range(4)]
        assert all(one.wait() == 0 for one in sources)
        entries = [entry for part in range(4) for entry in accepted(cluster.folder / f"account-{part}")]
        severity = {entry["id"]: entry["severity"] for entry in entries}
        eventually("every first page", 120, lambda: set(severity) <= duty_pages(cluster.receiver.received()))
        client = Client(cluster.endpoint("escalator"))
        answered = set(list(severity)[:50])
        for id in answered:
            # An acknowledgement lapses after half an hour; who resolves is done.
            kind, path = (escalation.AcknowledgeRequest, ACKNOWLEDGE) if milliseconds <= 60_000 else (escalation.ResolveRequest, RESOLVE)
            client.until_ok(path, kind(incident_id=id, by="dee").SerializeToString(), key(), again=(4, 5, 8, 10, 14))
        time.sleep(2)
        before = len(cluster.receiver.received())
        Away(cluster).for_(milliseconds)
        began = time.monotonic()
        open_ones = set(severity) - answered

        def since():
            # Pages, and not words such as that reviews are due, which what is over goes on to have.
            return [body for body in cluster.receiver.received()[before:] if re.fullmatch(r".+/.+/[0-9]+", body["page"])]

        due = milliseconds > 60_000
        if due:
            eventually("a page of every open incident", 60, lambda: open_ones <= {body["incident"] for body in since()})
        else:
            time.sleep(5)
        took = time.monotonic() - began
        time.sleep(3)
        again = {}
        order = {}
        for place, body in enumerate(since()):
            assert body["incident"] not in answered, f"paged for what was answered: {body['incident']}"
            again.setdefault((body["incident"], body["person"], body["channel"]), set()).add(body["page"])
            if body["incident"] in severity:
                order.setdefault(severity[body["incident"]], []).append(place)
        most = max((len(pages) for pages in again.values()), default=0)
        assert most <= 1, f"somebody was paged {most} times for one incident"
        if due:
            middle = {one: sorted(places)[len(places) // 2] for one, places in order.items()}
            assert middle[1] < middle[2] < middle[3], f"not the most urgent first: {middle}"
        silent, marked = duplicates(cluster.receiver.received())
        assert not silent, silent[:5]
        hours = milliseconds / 3_600_000
        return f"{len(open_ones)} open, {hours:.3g} h away: each paged within {took:.1f} s of the start, nobody twice for one, {marked} repeats"


def away_for_an_hour_each_incident_pages_once(binaries, incidents=400):
    return away_with_incidents_open(binaries, 3_600_000, incidents)


def away_with_5000_open_each_pages_once(binaries):
    return "; ".join(away_with_incidents_open(binaries, time_away, 5_000) for time_away in (60_000, 3_600_000, 3 * 86_400_000))


ALL = [hung_tiers_lose_nothing, cut_off_from_each_other_nothing_is_lost, away_for_an_hour_each_incident_pages_once]
LONG = [hung_for_two_minutes_nothing_is_lost, cut_off_for_five_minutes_nothing_is_lost, away_with_5000_open_each_pages_once]

if __name__ == "__main__":
    print(cut_off_in_own_networks(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
