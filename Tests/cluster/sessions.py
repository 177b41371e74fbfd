"""The door of the pages: codes and those who guess at them, sessions that end, and whom proxies are believed about, through the real gateway."""
import re

from cluster import Cluster, eventually, free_port
from pages import Reader, alert, codes, state
from senders import Gateway, asked


def a_guessed_or_hurried_code_opens_nothing(binaries):
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        primary = cluster.primary()
        reader = Reader(gateway)
        ask = reader.ask_code(primary)
        code = eventually("the code", 20, lambda: codes(cluster, primary))[0]
        wrong = "00000000" if code != "0000 0000" else "11111111"
        for _ in range(5):
            assert reader.enter(ask, wrong)[0] == 403
        assert reader.enter(ask, code)[0] == 403, "the right one after five wrong ones"
        nobody = reader.ask_code("nobody-is-called-that")
        assert reader.enter(nobody, code)[0] == 403 and reader.cookie is None
        assert [reader.ask_code(primary) for _ in range(6)]
        eventually("five codes", 20, lambda: len(codes(cluster, primary)) == 5)
        statuses = {reader.enter(ask, wrong)[0] for _ in range(320)}
        assert statuses == {403, 429}, statuses
        # Another tier's business is not the pages': its key may do what pages need and nothing else.
        cluster.ctl("alert", "send", "--service", "aion-web-api", "--severity", "SEV-3", "--key", "x", "x")
        for path in ["/schedule", "/swaps", "/handoff", "/incidents", "/incidents/none", "/nothing"]:
            status, text, _ = reader.get(path)
            assert status in (303, 404) and ("Tocsin" in text or status == 303), (path, status)


def guessing_ends_codes_and_nothing_else(binaries):
    """After twenty wrong codes within a day the person and whoever watches are told; who has signed in stays so, and is paged."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        primary = cluster.primary()
        reader, stranger = Reader(gateway), Reader(gateway)
        reader.sign_in(cluster, primary)
        for number in range(4):
            ask = stranger.ask_code(primary)
            code = eventually("the code", 20, lambda number=number: codes(cluster, primary)[number + 1:])[0]
            wrong = "00000000" if code != "0000 0000" else "11111111"
            assert [stranger.enter(ask, wrong)[0] for _ in range(5)] == [403] * 5
        told = eventually("both are told", 20, lambda: (
            found if len(found := [page for page in cluster.receiver.received() if "20 wrong codes" in page.get("text", "")]) >= 2 else None))
        assert primary in {page.get("person") for page in told} and any(not page.get("person") for page in told), told
        assert 'tocsin_gateway_codes_total{outcome="wrong"} 20' in asked(f"http://127.0.0.1:{gateway.metrics}/metrics")[1]
        sent = len(codes(cluster, primary))
        assert "nor any for a day after twenty wrong ones" in stranger.ask("POST", "/sign-in", {"person": primary})[1]
        incident = alert(cluster, "paged as ever")
        eventually("the page", 20, lambda: any(
            page.get("person") == primary and incident in str(page) for page in cluster.receiver.received()))
        assert len(codes(cluster, primary)) == sent
        page = reader.get(f"/incidents/{incident}")[1]
        assert reader.post(f"/incidents/{incident}/acknowledge", page)[0] == 303 and state(cluster, incident) == "ACKNOWLEDGED"


def who_signs_out_ends_that_session_and_no_other(binaries):
    """Also for whoever has copied the cookie, at every copy of the gateway, and after the notifier was killed."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway, \
            Gateway(cluster, pages=gateway.url, port=free_port()) as second:
        primary = cluster.primary()
        reader, phone, thief = Reader(gateway), Reader(gateway), Reader(second)
        for one in [reader, phone]:
            one.sign_in(cluster, primary)
        thief.cookie = reader.cookie
        page = reader.get("/")[1]
        assert thief.get("/")[0] == 200
        assert reader.post("/sign-out", page)[::2] == (303, "/sign-in")
        eventually("the copy is worth nothing", 10, lambda: thief.get("/")[0] == 303)
        reader.cookie = thief.cookie
        assert reader.get("/")[0] == 303 and phone.get("/")[0] == 200
        cluster.restart("notifier")
        assert reader.get("/")[0] == 303 and phone.get("/")[0] == 200
        # What somebody was typing when it ended is in the answer, and is sent from there once they have signed in again.
        incident = alert(cluster, "typed while it ended")
        eventually("the page", 20, lambda: phone.get(f"/incidents/{incident}")[0] == 200)
        form = f"/incidents/{incident}/resolve"
        status, text, leads = reader.post(form, phone.get(f"/incidents/{incident}")[1], note='a <disk> & "more"')
        assert (status, leads) == (403, None) and "your session has ended" in text, (status, text)
        assert ">a &lt;disk&gt; &amp; &quot;more&quot;</textarea>" in text and "<disk>" not in text, text
        status, text, _ = phone.post(form, text, note="a disk")
        assert status == 403 and ">a disk</textarea>" in text and state(cluster, incident) == "TRIGGERED", (status, text)
        assert phone.post(form, text, note="a disk")[0] == 303 and state(cluster, incident) == "RESOLVED"
        # While it can't be recorded the browser forgets it all the same, and is told.
        page = phone.get("/")[1]
        cluster.kill("notifier")
        status, text, _ = phone.post("/sign-out", page)
        assert status == 503 and "sign out everywhere" in text and phone.cookie.endswith("="), (status, text, phone.cookie)


def a_proxy_says_who_somebody_is(binaries):
    """From its own address and with its secret only, and what it says is somebody of the roster or nobody; what can't be right doesn't start."""
    with Cluster(binaries) as cluster:
        secret, file = "5ea1" * 16, cluster.folder / "proxy-secret"
        file.write_text(f"{secret}\n")
        file.chmod(0o400)
        login = ["--forward-auth-header", "X-Forwarded-User", "--forward-auth-secret-file", file, "--forward-auth-from"]

        def said(person, shown=secret):
            return {"X-Forwarded-User": person, "Tocsin-Proxy-Secret": shown}

        def ignored(gateway, why):
            text = asked(f"http://127.0.0.1:{gateway.metrics}/metrics")[1]
            return int(float(re.search(rf'tocsin_gateway_logins_ignored_total{{why="{why}"}} (\S+)', text)[1]))

        with Gateway(cluster, pages=True, options=[*login, "127.0.0.1"]) as gateway:
            reader = Reader(gateway)
            status, text, _ = reader.ask("GET", "/", headers=said(cluster.primary()))
            assert status == 200 and "Sign out" not in text, (status, text)
            assert reader.ask("GET", "/", headers=said("mallory"))[0] == 403
            assert reader.get("/")[0] == 303 and ignored(gateway, "secret") == 0
            for shown in ["", "x", secret[:-1]]:
                assert reader.ask("GET", "/", headers=said(cluster.primary(), shown))[0] == 303, shown
            # Figures are gathered once a second at most.
            eventually("three were counted", 10, lambda: (ignored(gateway, "secret"), ignored(gateway, "address")) == (3, 0))
        with Gateway(cluster, pages=True, options=[*login, "10.0.0.0/8"]) as gateway:
            assert Reader(gateway).ask("GET", "/", headers=said(cluster.primary()))[0] == 303
            eventually("one was counted", 10, lambda: (ignored(gateway, "secret"), ignored(gateway, "address")) == (0, 1))
        log = (cluster.folder / "gateway.log").read_text()
        assert "none of --forward-auth-from" in log and "didn't show the secret" in log and secret not in log, log
        file.chmod(0o444)
        # It shuts nobody out, and is believed by nobody.
        with Gateway(cluster, pages=True, options=[*login, "127.0.0.1"]) as gateway:
            assert Reader(gateway).ask("GET", "/", headers=said(cluster.primary()))[0] == 303
            assert Reader(gateway).ask("GET", "/sign-in")[0] == 200
            assert "proxy-secret can be read by others" in (cluster.folder / "gateway.log").read_text()


def tries_are_counted_by_who_is_behind_the_proxy(binaries):
    """One who guesses shuts nobody else out who comes by the same proxy, and can't be somebody else by saying so."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True, options=["--trusted-proxies", "127.0.0.1"]) as gateway:
        reader = Reader(gateway)

        def status(forwarded):
            return reader.ask("POST", "/sign-in/code", {"ask": "00", "code": "1"}, {"X-Forwarded-For": forwarded})[0]

        assert {status(f"192.0.2.{number % 250}, 198.51.100.7") for number in range(320)} == {403, 429}
        assert status("198.51.100.7") == 429 and status("198.51.100.8") == 403
        primary = cluster.primary()
        assert reader.ask("POST", "/sign-in", {"person": primary}, {"X-Forwarded-For": "1.2.3.4, 198.51.100.9"})[0] == 200
        eventually("who asked is named", 20, lambda: any(
            "Asked for from 198.51.100.9" in page.get("text", "") for page in cluster.receiver.received()))


ALL = [
    a_guessed_or_hurried_code_opens_nothing, guessing_ends_codes_and_nothing_else, who_signs_out_ends_that_session_and_no_other,
    a_proxy_says_who_somebody_is, tries_are_counted_by_who_is_behind_the_proxy,
]
