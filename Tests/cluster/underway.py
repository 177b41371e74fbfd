"""How many calls one key may have under way (README, "Limits"; test 19 of the reliability notes): by streams that end only when their reader
says so."""
from cluster import Cluster, eventually, free_port
from keys import created
from monitoring import asked, by_label
from wire import CHECK, Client, escalation, header, rpc

WATCH = "/tocsin.escalation.v1.Escalation/Watch"
OF_CONNECTION, OF_KEY = 8_192, 16_384
RESOURCE_EXHAUSTED = 8


def a_key_has_so_many_calls_under_way_and_no_more(binaries):
    """Two connections that have all that one may; a third of the same key is told when to come again, somebody else is answered at once, and
    a call that ends makes room for one."""
    port = free_port()
    with Cluster(binaries, extra={"escalator": ["--metrics", f"127.0.0.1:{port}"]}) as cluster:
        endpoint = cluster.endpoint("escalator")
        pairs = {name: created(cluster, name, "observer") for name in ["wall", "other"]}
        first, second, third = (Client(endpoint, keys=pairs["wall"]) for _ in range(3))
        other = Client(endpoint, keys=pairs["other"])
        # Of an incident that there is none of: nothing is ever said of it.
        wanted = escalation.WatchRequest(incident_id="none").SerializeToString()

        def under_way():
            text = eventually("figures", 10, lambda: asked(port, "/metrics"))[1]
            return int(text.split("\ntocsin_calls_in_flight ")[1].split("\n")[0]), by_label(text, "tocsin_calls_refused_total", "reason")

        def begin(client, count):
            for number in range(count):
                client.calls += 1
                assert client.sent([header(WATCH, wanted, client.calls, b"", timeout_ms=600_000, credit=1_000), wanted], 30_000)

        def told(client):
            """That it has too many, and whose that are."""
            answered = client.call(CHECK, b"", wait=30)[0]
            assert answered.status == RESOURCE_EXHAUSTED and answered.retry_pushback_ms > 0, answered
            return answered.status_message

        assert third.call(CHECK, b"")[0].status == 0
        before = under_way()[0]
        for client in first, second:
            begin(client, OF_CONNECTION)
            words = told(client)
            assert words == f"{OF_CONNECTION} calls of this connection are unanswered", words
        words = told(third)
        assert words == f"{OF_KEY} calls of wall are unanswered, over all its connections", words
        eventually("as many under way", 10, lambda: OF_KEY <= under_way()[0] <= OF_KEY + before + 4)
        assert other.call(CHECK, b"")[0].status == 0, "somebody else has to wait for it"
        # Whoever has as many as it may is heard when it takes one back.
        cancelled = rpc.Header(version=1, kind=rpc.KIND_CANCEL, call_id=first.calls - 1).SerializeToString()
        assert first.sent([cancelled, b""], 5_000)
        eventually("room for one", 10, lambda: third.call(CHECK, b"")[0].status == 0)
        begin(third, 1)
        assert "of wall are unanswered" in told(third)
        refused = eventually("both limits in the figures", 10, lambda: (
            seen := under_way()[1]) and seen["connection"] == 2 and seen["principal"] >= 2 and seen)
        # What was begun is there, and nothing of it was ended.
        for client in first, second:
            assert not client.socket.poll(0), client.frames([])
            client.close()
        return f"{OF_KEY} under way by two connections; refused: {refused['connection']} of a connection, {refused['principal']} of the key"


ALL = [a_key_has_so_many_calls_under_way_and_no_more]
