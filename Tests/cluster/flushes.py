"""Seen by strace, and by the times of flushes that are made slow: an OK leaves a process only after what it promises is on disk."""
import re
import signal
import subprocess
import time
from pathlib import Path

import powerloss
from cluster import Cluster, eventually
from wire import ACKNOWLEDGE, PUBLISH, Client, escalation, event, header, key, rpc


# ZeroMQ's own pings on a connection, sealed as everything on it, are shorter than any answer.
HEARTBEAT_BYTES = 48


def trace(cluster, tier, client, calls):
    """Runs calls of a client over its connection while the tier is traced. Returns in order "flush" for each flush that ended and "OK" for
    each message that the tier sent over that connection; and how many calls were sent, again or not."""
    path, port, before = cluster.folder / f"trace-{tier}", local_port(cluster, tier), client.calls
    pid = cluster.processes[tier].pid
    tracer = subprocess.Popen(
        ["strace", "-f", "-yy", "-s", "16", "-e", "trace=fdatasync,fsync,sendto,write,writev,sendmsg", "-p", str(pid), "-o", path],
        stderr=subprocess.DEVNULL)
    tasks = Path(f"/proc/{pid}/task")
    eventually("strace", 10, lambda: all(
        f"TracerPid:\t{tracer.pid}\n" in (task / "status").read_text() for task in tasks.iterdir()))
    for call in calls:
        call()
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    # -yy names each socket by both ends; the client's end tells its connection from the other tiers'.
    mine = re.compile(rf"(sendto|write|writev|sendmsg)\(\d+<TCP:\[127\.0\.0\.1:{cluster.ports[tier]}->127\.0\.0\.1:{port}\]>")
    order, flushing = [], set()
    for line in path.read_text(errors="replace").splitlines():
        thread = line.split()[0]
        if re.search(r" (fdatasync|fsync)\(.*/journal\.db", line):
            if "unfinished" in line:
                flushing.add(thread)
            elif re.search(r"= 0$", line):
                order.append("flush")
        elif re.search(r"<\.\.\. (fdatasync|fsync) resumed", line) and thread in flushing:
            flushing.discard(thread)
            if re.search(r"= 0$", line):
                order.append("flush")
        elif mine.search(line) and int(line.rsplit("= ", 1)[-1].split()[0] or 0) > HEARTBEAT_BYTES:
            order.append("OK")
    return order, client.calls - before


def local_port(cluster, tier):
    """The port from which this process is connected to a tier."""
    inode_of = {}
    for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        local, remote = (int(end.split(":")[1], 16) for end in fields[1:3])
        if remote == cluster.ports[tier] and fields[3] == "01":
            inode_of[fields[9]] = local
    mine = {str(link.readlink())[8:-1] for link in Path("/proc/self/fd").iterdir() if "socket:[" in _target(link)}
    ports = [port for inode, port in inode_of.items() if inode in mine]
    assert len(ports) == 1, ports
    return ports[0]


def _target(link):
    try:
        return str(link.readlink())
    except OSError:
        return ""


def follow(traced, expected):
    """One call at a time: every OK must have a flush of its own between the OK before it and itself."""
    (order, sent), oks, flushed, without = traced, 0, False, []
    for entry in order:
        if entry == "flush":
            flushed = True
        else:
            oks += 1
            if not flushed:
                without.append(oks)
            flushed = False
    # A call that is sent again because its answer was slow is answered again, from what is on disk already.
    again = oks - expected
    assert expected <= oks <= sent, f"{oks} OKs seen, {expected} calls made, {sent} sent, {order.count('flush')} flushes"
    assert len(without) <= again, f"OKs without a flush before them: {without[:10]}"


def every_ok_is_preceded_by_its_fdatasync(binaries, alerts=1000, acknowledgements=20):
    with Cluster(binaries) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        ids = [client.publish_until_ok(event(number, 3), key())[0].alert_id for number in range(10_000, 10_000 + acknowledgements)]
        follow(trace(cluster, "alert-intake", client, [
            lambda number=number: client.publish_until_ok(event(number, 3), key()) for number in range(alerts)]), alerts)
        answering = Client(cluster.endpoint("escalator"))
        eventually("the incidents", 30, lambda: int(cluster.json("incident", "list", "--limit", "1")["open"]) >= alerts)
        answering.until_ok(ACKNOWLEDGE, escalation.AcknowledgeRequest(incident_id=ids[0], by="dee").SerializeToString(), key())
        # Quiet: what the escalator flushes for its own reasons must not be taken for the acknowledgement's flush.
        follow(trace(cluster, "escalator", answering, [
            lambda id=id: answering.until_ok(
                ACKNOWLEDGE, escalation.AcknowledgeRequest(incident_id=id, by="dee").SerializeToString(), key())
            for id in ids[1:]]), acknowledgements - 1)
        return f"{alerts} alerts and {acknowledgements - 1} acknowledgements, each OK after a flush of its own"


def in_flight(client, count, window):
    """Publishes, always `window` at once on one connection. Returns when each that got its OK was sent and when that came, in nanoseconds
    of CLOCK_MONOTONIC."""
    under_way, first, times = {}, client.calls + 1, []
    while len(times) < count:
        while len(under_way) < window and client.calls - first + 1 < count:
            client.calls += 1
            payload = event(client.calls - first, 3)
            under_way[client.calls] = time.monotonic_ns()
            client.socket.send_multipart([header(PUBLISH, payload, client.calls, key(), timeout_ms=60_000), payload])
        assert client.socket.poll(30_000), f"silence after {len(times)} of {count}"
        answer = rpc.Header.FromString(client.socket.recv_multipart()[0])
        arrived = time.monotonic_ns()
        assert answer.status == 0, (answer.status, answer.status_message)
        times.append((under_way.pop(answer.call_id), arrived))
    return times


def of_many_in_flight_no_ok_leaves_before_the_flush_that_covers_it(binaries, alerts=1_500, window=64):
    """At the sources' door, flushes 20 ms long. What covers a row can have begun only after the row was sent: between a call and its OK lies
    a whole flush of the log. One that was under way when the call was sent is none."""
    with Cluster(binaries) as cluster:
        notes = cluster.folder / "flushes"
        cluster.environment = {
            "LD_PRELOAD": str(powerloss.build("slowdisk")), "SLOW_DISK_MS": "20", "SLOW_DISK_NOTES": str(notes)}
        cluster.restart("alert-intake")
        cluster.ctl("health", "--wait", "20")
        client = Client(cluster.sources())
        client.publish_until_ok(event(9_999_999, 3), key())
        times = in_flight(client, alerts, window)
        flushes = [(int(began), int(ended)) for began, ended, path in (line.split() for line in notes.read_text().splitlines())
                   if path.endswith("alert-intake/journal.db-wal")]
        early = [(sent, came) for sent, came in times if not any(sent < began and ended < came for began, ended in flushes)]
        assert not early, f"{len(early)} of {alerts} OKs came without a flush that could cover them: {early[:3]}"
        # A server that answers with the flush before would be seen: so many calls were sent while one was under way.
        amid = sum(any(began < sent < ended for began, ended in flushes) for sent, _ in times)
        used = sum(any(sent < began and ended < came for sent, came in times) for began, ended in flushes)
        assert amid > alerts // 4, f"only {amid} calls were sent during a flush"
        return f"{alerts} OKs, {window} in flight, {used} flushes; {amid} calls were sent while one was under way"
