"""Where the notifier knocks, seen by the kernel (test 22 of the reliability notes): whatever an address in a configuration looks like,
resolves to, moves to or is led on to, no connection goes where nobody allowed one; nor does the outward beat of its watch, or what it
says to Slack of a button. The notifier is alone in a network whose nftables count what it begins, and everything that it could reach
inwards listens."""
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from answers import SIGNING, Phone
from cluster import Receiver, eventually, free_port
from outages import Apart, run
from watching import WATCH

# The one machine besides the tiers that the notifier may reach: where the allowed hook, the names and all that listens are.
ALLOWED, ALLOWED6 = "10.77.4.1", "fd77:4::1"
INWARDS = ["169.254.169.254", "10.0.0.5", "100.100.100.200", "168.63.129.16", "192.168.1.1", "172.16.9.9", "198.18.0.1"]
INWARDS6 = ["fd00:ec2::254", "fec0::9"]
# What names stand for; those with a list of lists answer by turns.
NAMES = {
    "allowed.example": [ALLOWED], "inward.example": ["10.0.0.5"], "metadata.example": ["169.254.169.254"], "loop.example": ["127.0.0.1"],
    "six.example": ["fd00:ec2::254"], "mapped.example": ["::ffff:169.254.169.254"], "nat64.example": ["64:ff9b::a9fe:a9fe"],
    "tier.example": ["10.77.1.2"], "both.example": [ALLOWED, "169.254.169.254", "10.0.0.5"],
    "hooks.slack.com": ["169.254.169.254"], "rebinding.example": [[ALLOWED], ["169.254.169.254"], ["127.0.0.1"]], "rebound.example": [["10.0.0.5"], [ALLOWED], ["10.0.0.5"]],
}
# Hosts that lie inwards, in every form; {tier} is intake's own door.
HOSTS = [
    "127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0", "0.0.0.0",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "%31%32%37.0.0.1",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]", "10.0.0.5", "100.100.100.200", "168.63.129.16", "192.168.1.1", "172.16.9.9", "198.18.0.1",
    "[fd00:ec2::254]", "[fec0::9]", "[fe80::1]", "10.77.1.2", "10.77.4.2", f"[{ALLOWED6}]",
    "inward.example", "metadata.example", "loop.example", "six.example", "mapped.example", "nat64.example", "tier.example",
]
# No host at all for a configuration.
NO_HOSTS = ["127。0。0。1", "api.twilio.com@127.0.0.1", "ops:x@allowed.example@10.0.0.5", "ops@"]
CHANNELS = ["push", "sms", "voice", "email", "slack"]


class Names(threading.Thread):
    """A name server for the names above: the question as it is, and an answer that nobody may keep."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((ALLOWED, 53))
        self.asked = {}

    def run(self):
        while True:
            question, whom = self.socket.recvfrom(2_000)
            labels, at = [], 12
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode())
                at += 1 + question[at]
            kind = struct.unpack(">H", question[at + 1:at + 3])[0]
            records = self.records(".".join(labels).lower(), kind)
            head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, len(records), 0, 0)
            body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(one)) + one for one in records)
            self.socket.sendto(head + question[12:at + 5] + body, whom)

    def records(self, name, kind):
        addresses = NAMES.get(name, [])
        if addresses and isinstance(addresses[0], list):
            if kind == 1:
                self.asked[name] = self.asked.get(name, 0) + 1
            addresses = addresses[(self.asked.get(name, 1) - 1) % len(addresses)]
        return [socket.inet_pton(socket.AF_INET6 if ":" in one else socket.AF_INET, one) for one in addresses
                if kind == (28 if ":" in one else 1)]


class Doors(threading.Thread):
    """Everything inwards on one port: whoever comes is counted."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.came = []
        self.socket = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)

    def run(self):
        while True:
            connection, whom = self.socket.accept()
            self.came.append((whom[0], connection.getsockname()[0]))
            connection.close()


class Egress(Apart):
    def __init__(self, binaries):
        super().__init__(binaries)
        self.own = self.names["notifier"]
        self.phone = Phone(free_port(), self.addresses["notifier"])
        self.extra = {"notifier": [
            "--allow-inward", f"{ALLOWED}/32", "--callbacks", f"{self.phone.host}:{self.phone.port}", "--callback-url", self.phone.url,
            "--beat-url-file", self.secret("beat", f"http://metadata.example:{self.receiver.port}/beat")]}
        for address in INWARDS:
            run(f"ip address add {address}/32 dev lo")
        for address in INWARDS6:
            run(f"ip address add {address}/128 dev lo nodad")
        run(f"ip address add {ALLOWED6}/64 dev v4 nodad")
        run(f"ip -n {self.own} address add fd77:4::2/64 dev e0 nodad")
        run(f"ip -n {self.own} route add default via {ALLOWED6}")
        names = Path("/etc/netns") / self.own
        names.mkdir(parents=True)
        (names / "resolv.conf").write_text(f"nameserver {ALLOWED}\noptions timeout:1 attempts:1\n")
        self.names_server, self.doors = Names(), Doors(self.receiver.port)
        self.names_server.start()
        self.doors.start()
        self.hooks = Receiver(self.folder, "hooks", options=["--host", ALLOWED])

    def secret(self, name, text):
        file = self.folder / f"{name}.secret"
        file.write_text(f"{text}\n")
        file.chmod(0o400)
        return file

    def start(self, tier, *arguments):
        super().start(tier, *arguments)
        if tier == "notifier":
            # What it sends to itself to see if pages get through.
            for port in eventually("its own receiver", 10, self.listening):
                subprocess.run([*self.prefix(tier), "nft", "insert", "rule", "inet", "egress", "out", "ip", "daddr", "127.0.0.1", "tcp",
                                "dport", str(port), "counter", "name", "itself", "accept"], check=True)

    def listening(self):
        """Where the notifier's own process listens on its loopback."""
        own = {os.readlink(f"/proc/{self.processes['notifier'].pid}/fd/{one}") for one in os.listdir(f"/proc/{self.processes['notifier'].pid}/fd")}
        lines = [line.split() for line in open(f"/proc/{self.processes['notifier'].pid}/net/tcp").readlines()[1:]]
        return [int(line[1].split(":")[1], 16) for line in lines
                if line[3] == "0A" and line[1].startswith("0100007F:") and f"socket:[{line[9]}]" in own]

    def __enter__(self):
        try:
            self.count()
            return super().__enter__()
        except BaseException as failure:
            self.__exit__(type(failure))
            raise

    def __exit__(self, *about):
        self.phone.stop()
        self.hooks.stop()
        super().__exit__(*about)
        shutil.rmtree(Path("/etc/netns") / self.own)

    def count(self):
        """What the notifier begins: at the tiers' doors, its own among them; at the allowed hook; names; and all else."""
        doors = ", ".join(f"{self.addresses[tier]} . {self.ports[tier]}" for tier in self.addresses)
        rules = f"""table inet egress {{
          counter tiers {{ }}
          counter allowed {{ }}
          counter names {{ }}
          counter itself {{ }}
          counter outside {{ }}
          chain out {{
            type filter hook output priority 0 ; policy accept ;
            meta l4proto udp ip daddr {ALLOWED} udp dport 53 counter name names accept
            meta l4proto udp counter name outside
            tcp flags & (syn | ack) != syn accept
            ip daddr . tcp dport {{ {doors} }} counter name tiers accept
            ip daddr {ALLOWED} tcp dport {self.hooks.port} counter name allowed accept
            meta l4proto tcp counter name outside
          }}
        }}"""
        subprocess.run([*self.prefix("notifier"), "nft", "-f", "-"], input=rules, text=True, check=True)

    def counted(self):
        told = subprocess.run([*self.prefix("notifier"), "nft", "-j", "list", "counters"], capture_output=True, text=True, check=True)
        return {one["counter"]["name"]: one["counter"]["packets"] for one in json.loads(told.stdout)["nftables"] if "counter" in one}

    def configure(self):
        self.round(["http://allowed.example:{hook}/"] * 10)

    def round(self, urls, routes=None, check=True):
        """Two addresses for each channel: the second is asked when the first fails. Returns what `apply` said."""
        urls = [url.format(inward=self.receiver.port, hook=self.hooks.port, tier=self.ports["alert-intake"]) for url in urls]
        config = self.shipped()
        (config / "watch.yaml").write_text(WATCH)
        policy = config / "policy.yaml"
        policy.write_text(re.sub(r"(?ms)(^  SEV-3:\n    page-by: )\[[^]]*\]", rf"\1[{', '.join(CHANNELS)}]", policy.read_text()))
        contacts = config / "contacts.yaml"
        text = contacts.read_text().replace("kind: Contacts\n", "kind: Contacts\nlimits: { pages-per-minute: 60 }\n")
        text = re.sub(r'slack: "@([a-z]+)"', lambda found: f"slack: U0{found[1].upper():A<7}", text)
        for channel, first, second in zip(CHANNELS, urls[::2], urls[1::2]):
            one, two = (f'provider: webhook, url: "{url}", secret-file: {self.receiver.secret}' for url in (first, f"{second}{'&' if '?' in second else '?'}second"))
            text = re.sub(rf"(?m)^  {channel}: console.*$", lambda _: f"  {channel}: {{ {one}, second: {{ {two} }} }}", text)
        for channel, route in (routes or {}).items():
            text = re.sub(rf"(?m)^  {channel}: .*provider.*$", lambda _: f"  {channel}: {route}", text)
        contacts.write_text(text)
        return self.ctl("apply", "-f", config, check=check)

    def page(self, name):
        """A SEV-3 by every channel at once. Returns how each ended."""
        sent = self.ctl("alert", "send", "--severity", "SEV-3", "--service", name, "--key", name, name, "-o", "json")
        incident = json.loads(sent)["alert_id"]

        def ended():
            listed = self.json("page", "list", "--incident", incident).get("deliveries", [])
            first = [one for one in listed if one["page_id"].endswith("/1") and one["channel"] in CHANNELS]
            over = [one for one in first if re.search("FAILED|HANDED_OVER|ACCEPTED|DELIVERED", one["state"])]
            return len(over) == len(CHANNELS) and {one["channel"]: (one["state"], one.get("words", "")) for one in over}

        found = eventually(f"the end of each delivery of {name}", 40, ended)
        self.ctl("incident", "resolve", incident, "--by", self.primary())
        return found


def counted_in_own_network(binaries):
    with Egress(binaries) as cluster:
        begun = cluster.page("allowed")
        assert all("FAILED" not in state for state, _ in begun.values()), begun
        before = cluster.counted()
        assert before["allowed"] >= 1 and before["tiers"] >= 3 and before["names"] >= 1 and before["outside"] == 0, before

        refused = cluster.round([f"http://{host}:{{inward}}/" for host in NO_HOSTS], check=False)
        assert refused.returncode and refused.stderr.count("expected an address that begins with") == len(NO_HOSTS), refused
        urls = [f"http://{host}:{{inward}}/latest/meta-data" for host in HOSTS]
        urls += [f"http://{host}:{{tier}}/" for host in ("10.77.1.2", "tier.example")]
        urls += ["https://metadata.example:{inward}/", "https://10.0.0.5:{inward}/", "http://loop.example:{inward}/?x=http://allowed.example/"]
        urls += [urls[0]] * (-len(urls) % 10)
        for number in range(0, len(urls), 10):
            cluster.round(urls[number:number + 10])
            for channel, (state, words) in cluster.page(f"round-{number}").items():
                assert "FAILED" in state and re.search("the host resolves to|resolve", words), (urls[number:number + 10], channel, state, words)
        after = cluster.counted()
        assert after["outside"] == 0 and after["allowed"] == before["allowed"], (before, after)

        # By a redirect, from the allowed hook.
        led = [f"http://allowed.example:{{hook}}/redirect?to=http://{host}:{cluster.receiver.port}/" for host in (
            "127.0.0.1", "169.254.169.254", "10.0.0.5", "metadata.example", "[::1]")]
        cluster.round([url for url in led for _ in range(2)])
        led = cluster.page("led-on")
        assert all("FAILED" in state for state, _ in led.values()), led
        asked = [one["path"] for one in cluster.hooks.requests() if "/redirect?to=" in one["path"]]
        assert len(asked) >= 10, f"the redirects were not even asked for: {asked}"

        # A name that moves, and one with several addresses of which one is allowed.
        for name in ("rebinding.example", "rebound.example", "both.example"):
            cluster.round([f"http://{name}:{{hook}}/"] * 10)
            for again in range(3):
                cluster.page(f"{name}-{again}")

        # The other providers' own addresses.
        secret = f"secret-file: {cluster.receiver.secret}"
        cluster.round(["http://allowed.example:{hook}/"] * 10, {
            "push": f'{{ provider: ntfy, url: "https://inward.example:{cluster.receiver.port}", {secret} }}',
            "sms": f'{{ provider: twilio, url: "https://169.254.169.254:{cluster.receiver.port}", account: AC{"0" * 32}, '
                   f'from: "+1 202 555 0100", {secret} }}',
            "voice": f'{{ provider: twilio, url: "http://localhost:{cluster.receiver.port}", account: AC{"0" * 32}, from: "+1 202 555 0100", {secret} }}',
            "email": f'{{ provider: smtp, url: "smtps://metadata.example:{cluster.receiver.port}", from: tocsin@aion.example }}',
            "slack": f'{{ provider: slack, url: "https://six.example:{cluster.receiver.port}", {secret}, '
                     f'signing-file: {cluster.secret("signing", SIGNING)} }}'})
        for channel, (state, words) in cluster.page("providers").items():
            assert "FAILED" in state and "the host resolves to" in words, (channel, state, words)

        # What came of a button, where its press says; and the beat, each time that a synthetic page has arrived.
        backs = [f"http://127.0.0.1:{cluster.receiver.port}/", f"http://localhost:{cluster.receiver.port}/", "https://hooks.slack.com/actions/T0/1/2",
                 f"http://169.254.169.254:{cluster.receiver.port}/", f"http://127.0.0.1:{cluster.receiver.port}@hooks.slack.com/",
                 f"http://allowed.example:{cluster.hooks.port}/"]
        for back in backs:
            status, said, _ = cluster.phone.press("U0NOBODY00", "1.slack.1.x.0", back)
            assert status == 200, (back, status, said)
        log = cluster.folder / "notifier.log"
        # To the first three something would have been said, had they not been inwards.
        eventually("what came of the buttons", 10, lambda: len(re.findall("Slack did not take .*the host resolves to", log.read_text())) == 3)
        eventually("a beat", 20, lambda: re.search("did not take the beat: .*the host resolves to", log.read_text()))

        time.sleep(1)
        found = cluster.counted()
        inside = cluster.receiver.requests()
        assert found["outside"] == 0, f"{found['outside']} connections were begun: {cluster.doors.came} {inside}"
        assert not cluster.doors.came and not inside, (cluster.doors.came, inside)
        # The counter counts, and the doors open.
        for address in ("169.254.169.254", ALLOWED6):
            subprocess.run([*cluster.prefix("notifier"), sys.executable, "-c",
                            f"import socket; socket.create_connection(('{address}', {cluster.receiver.port}), 2).close()"], check=True)
        eventually("what stands at the doors", 5, lambda: len(cluster.doors.came) == 2)
        assert cluster.counted()["outside"] == 2, cluster.counted()
        return (f"{len(urls)} addresses, 5 redirects, 3 names that move, 5 providers, 6 buttons and the beat: 0 connections outside what is allowed, by nftables "
                f"({found['allowed']} to the allowed hook, {found['tiers']} to tiers, {found['itself']} to itself, {found['names']} packets for names)")


def no_address_leads_the_notifier_inwards(binaries):
    told = subprocess.run(
        ["unshare", "-n", sys.executable, Path(__file__), binaries], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout.strip()


ALL = [no_address_leads_the_notifier_inwards]

if __name__ == "__main__":
    print(counted_in_own_network(sys.argv[1]))
