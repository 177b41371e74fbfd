"""The gateway: what is wrong is answered in its sender's own shape, and whoever sends wrongly, too much or too slowly costs a bounded amount
of memory."""
import json
import socket
import threading
import time

from cluster import Cluster, eventually
from edge import every, firing
from senders import Gateway, asked, said


def what_is_wrong_is_answered_in_the_senders_own_shape(binaries):
    with Cluster(binaries) as cluster, Gateway(cluster, "web") as gateway:
        deep = b'{"routing_key":' + b"[" * 100_000
        for body, status in [(deep, "Unrecognized object"), (b"{", "Unrecognized object"), (b'{"a":1,"a":2}', "Unrecognized object"),
                             (b'{"routing_key":[]}', "invalid event"), (b'{"routing_key":"no"}', "invalid event"),
                             (json.dumps({"routing_key": gateway.keys["web"], "event_action": "trigger", "payload": 7}).encode(), "invalid event")]:
            code, text = gateway.post("/v2/enqueue", body)
            assert code == 400 and json.loads(text)["status"] == status and json.loads(text)["errors"], (body[:60], code, text)
        code, text = gateway.post("/v2/enqueue", b" " * (513 * 1024))
        assert code == 413 and json.loads(text)["status"] == "invalid event", (code, text)
        for path, body in [("/alertmanager", b"{"), ("/alertmanager", b'{"version":"4","alerts":{}}'), ("/api/v2/alerts", b'{"labels":{}}')]:
            code, text = gateway.post(path, body, "web")
            assert code == 400 and isinstance(json.loads(text), str), (path, body, code, text)
        code, text = gateway.post("/api/v2/alerts", [{"labels": {}}, {"labels": {"alertname": "Right"}}], "web")
        assert code == 400 and "[0].labels" in json.loads(text), (code, text)
        assert len(every(cluster, "web")) == 1, "what is right is taken beside what is wrong"
        for path in ["/alertmanager", "/api/v2/alerts"]:
            assert gateway.post(path, b"{")[0] == 401, "no key"
        assert asked(f"{gateway.url}/alertmanager?token={gateway.keys['web']}", {"version": "4", "alerts": []})[0] == 200
        assert asked(f"{gateway.url}/alertmanager")[0] == 405
        assert asked(f"{gateway.url}/nothing")[0] == 404
        code, text = gateway.post("/api/v1/alerts", [], "web")
        assert code == 410 and json.loads(text)["status"] == "error" and "/api/v2/alerts" in text, (code, text)
        assert said(gateway.port, b"POST /api/v1/alerts HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]").startswith("HTTP/1.1 410 ")
        code, text = gateway.post("/v2/alerts/a/b/c/d", {}, "web")
        assert code == 404 and json.loads(text)["message"] and json.loads(text)["requestId"], (code, text)
        # HTTP that is none, or too much of it.
        assert said(gateway.port, b"hello\r\n\r\n").startswith("HTTP/1.1 400 ")
        assert said(gateway.port, b"GET /" + b"a" * 100_000).startswith("HTTP/1.1 431 ")
        assert said(gateway.port, b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200 + b"\r\n").startswith("HTTP/1.1 431 ")
        head = f"POST /alertmanager?token={gateway.keys['web']} HTTP/1.1\r\nHost: x\r\n".encode()
        assert said(gateway.port, head + b"Content-Length: 999999999\r\n\r\n").startswith("HTTP/1.1 413 ")
        assert said(gateway.port, head + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}").startswith("HTTP/1.1 400 ")
        assert said(gateway.port, head + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n").startswith("HTTP/1.1 400 ")


def alertmanagers_shape(text):
    return isinstance(json.loads(text), str)


def pagerdutys_shape(text):
    return json.loads(text)["status"] in ("invalid event", "Unrecognized object") and json.loads(text)["errors"]


def opsgenies_shape(text):
    return json.loads(text)["message"] and json.loads(text)["requestId"]


def plain_shape(text):
    return text.strip() and not text.startswith(("{", "[", "<"))


def plain_or_lists_shape(text):
    return plain_shape(text) or (json.loads(text)["events"] == [] and 0 < len(json.loads(text)["wrong"]) <= 101)


def hostile_json_is_answered_in_each_formats_own_shape(binaries):
    """Each format with each body: malformed, deep without an end and with one, names given twice, other types, no Unicode."""
    with Cluster(binaries) as cluster, Gateway(cluster, "web") as gateway:
        key = gateway.keys["web"]
        trigger = '"summary":"s","source":"x","severity":"info"'
        # The path, the shape of its complaints, the status of those, an event of it with room for one more member, what that becomes.
        formats = [
            ("/v2/enqueue", pagerdutys_shape, 400,
             f'{{"routing_key":"{key}","event_action":"trigger","dedup_key":"a","payload":{{{trigger},"custom_details":%s}}}}', 202),
            ("/v2/change/enqueue", pagerdutys_shape, 400,
             f'{{"routing_key":"{key}","payload":{{"summary":"s","custom_details":%s}}}}', 202),
            ("/generic/2010-04-15/create_event.json", pagerdutys_shape, 400,
             f'{{"service_key":"{key}","event_type":"trigger","incident_key":"b","description":"s","details":%s}}', 200),
            ("/alertmanager", alertmanagers_shape, 400,
             '{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"C","severity":"info"},"annotations":%s}]}', 200),
            ("/api/v2/alerts", alertmanagers_shape, 400, '[{"labels":{"alertname":"D","severity":"info"},"annotations":%s}]', 200),
            ("/grafana", alertmanagers_shape, 400,
             '{"version":"1","alerts":[{"status":"firing","labels":{"alertname":"E","severity":"info"},"values":%s}]}', 200),
            ("/v2/alerts", opsgenies_shape, 422, '{"message":"s","alias":"f","priority":"P5","details":%s}', 202),
            ("/api/v2/generic/incoming", plain_shape, 400, '{"summary":"s","dedup":"g","meta":%s}', 204),
            ("/events", plain_or_lists_shape, 400, '{"summary":"s","dedup_key":"h","severity":"SEV-4"}', 200),
        ]
        deep = "[" * 100_000
        for path, has_shape, status, event, taken in formats:
            def post(body, path=path):
                return gateway.post(path, body, None if path.startswith(("/v2/enqueue", "/v2/change", "/generic")) else "web")
            wrong = [b"", b"{", b"[1", b"7", b'"x"', b"null", b"\xff\xfe", deep.encode(), b'{"a":' + deep.encode(), b'{"a":1,"a":2}',
                     b'[{"a":1,"a":2}]', b'{"a":' * 20_000 + b"1" + b"}" * 19_999, b"[" + b"1," * 50_000 + b"1]"]
            if "%s" in event:
                wrong += [(event % deep).encode(), (event % '{"a":1,"a":2}').encode()]
            for body in wrong:
                code, text = post(body)
                assert code == status, (path, body[:80], code, text[:200])
                assert has_shape(text), (path, body[:80], code, text[:200])
            # What is deep where nobody looks loses no alert.
            whole = (event % ("[" * 20_000 + "]" * 20_000) if "%s" in event else event).encode()
            code, text = post(whole)
            assert code == taken, (path, code, text[:200])
        assert len(every(cluster, "web")) == len(formats) - 1, "each alert once, but for the change"


def many_large_bodies_at_once_take_less_than_a_container_has(binaries):
    """Three sources, each with two webhooks of nearly sixteen megabytes, as dense as is taken and denser: whatever is answered, the
    gateway's most is far from what its container has (512 MB), and it is taken again when they are through."""
    sources = ["one", "two", "three"]
    with Cluster(binaries) as cluster, Gateway(cluster, *sources, "quick") as gateway:
        def webhook(member, count):
            alert = b'{"status":"firing","labels":{"alertname":"Large","severity":"info"},"annotations":{%s}}' % b",".join(
                b'"%x":%s' % (number, member) for number in range(count))
            return b'{"version":"4","alerts":[' + alert + b"]}"
        dense = webhook(b'"twenty-odd letters"', 500_000)  # as many values as are read, of which an alert keeps a few
        denser = b'{"version":"4","alerts":[' + b"{}," * 5_000_000 + b"{}]}"
        assert all(8_000_000 < len(body) < 16 << 20 for body in (dense, denser)), (len(dense), len(denser))
        answers, lock = [], threading.Lock()

        def send(source, body):
            end = time.monotonic() + 60
            while (answer := asked(f"{gateway.url}/alertmanager", body, key=gateway.keys[source], timeout=60))[0] == 503:
                assert time.monotonic() < end, answer
                time.sleep(0.2)
            with lock:
                answers.append((answer[0], answer[1][:100]))
        threads = [threading.Thread(target=send, args=[source, body]) for source in sources for body in (dense, denser)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        codes = [code for code, _ in answers]
        assert sorted(codes) == [200] * len(sources) + [400] * len(sources), answers
        assert gateway.post("/v2/enqueue", {"routing_key": gateway.keys["quick"], "event_action": "trigger", "payload": {
            "summary": "still heard", "source": "x", "severity": "critical"}})[0] == 202
        most = gateway.memory("VmHWM")
        assert most < 400, f"{most} MiB"
    return f"{most} MiB at most"


def a_flood_of_slow_senders_takes_a_bounded_amount_of_memory(binaries):
    """Hundreds of connections that begin bodies of sixteen megabytes and dawdle: some are told to come again, memory stays within
    bounds, and somebody else's alert is taken meanwhile."""
    with Cluster(binaries) as cluster, Gateway(cluster, "slow", "quick") as gateway:
        head = (f"POST /alertmanager HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.keys['slow']}\r\n"
                "Content-Length: 16000000\r\n\r\n").encode()
        before = gateway.memory()
        sockets = []
        part = b"[" + b" " * 1_000_000
        for _ in range(100):
            raw = socket.create_connection(("127.0.0.1", gateway.port))
            raw.settimeout(1)
            sockets.append(raw)
            try:
                raw.sendall(head + part)
            except OSError:
                pass
        idle = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(300)]
        assert gateway.post("/v2/enqueue", {"routing_key": gateway.keys["quick"], "event_action": "trigger", "payload": {
            "summary": "still heard", "source": "x", "severity": "critical"}})[0] == 202
        held = gateway.memory()
        assert held - before < 200, f"{held} MiB, {before} before"
        told = 0
        for raw in sockets:
            raw.settimeout(0.01)
            try:
                told += raw.recv(64).startswith(b"HTTP/1.1 503")
            except OSError:
                pass
            raw.close()
        for raw in idle:
            raw.close()
        assert told >= 20, told
        eventually("taken again", 10, lambda: gateway.post("/alertmanager", {"version": "4", "alerts": [firing(1)]}, "quick")[0] == 200)
    return f"{told} of 100 told to come again, {held - before} MiB more"


ALL = [
    what_is_wrong_is_answered_in_the_senders_own_shape,
    hostile_json_is_answered_in_each_formats_own_shape,
    many_large_bodies_at_once_take_less_than_a_container_has,
    a_flood_of_slow_senders_takes_a_bounded_amount_of_memory,
]
