"""The pages for people in headless Chromium: what a phone and a desk show, and what the script does."""
import os
from pathlib import Path

from browser import Chromium
from cluster import Cluster, eventually
from pages import Reader, alert, codes, state
from senders import Gateway


def pages_are_seen_in_a_browser(binaries):
    """Chromium, as a phone and on a desk, by day and by night: signed in by hand, told of news without being asked, acknowledged by a
    tap; without script too. Nothing is logged as an error, and nothing of an alert runs."""
    folder = Path(os.environ["TOCSIN_SCREENSHOTS"]) if "TOCSIN_SCREENSHOTS" in os.environ else None
    hostile = "<img src=x onerror=\"document.title='run'\">' {{title}} \u202egnp"
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway, Chromium(folder) as browser:
        primary = cluster.primary()
        browser.look("phone", dark=True)
        browser.open(f"{gateway.url}/incidents")
        browser.shoot("sign-in")
        browser.fill("[name=person]", primary)
        browser.press("button.go")
        browser.wait("the code is asked for", "document.querySelector('[name=code]') !== null")
        code = eventually("the code", 20, lambda: codes(cluster, primary))[0]
        browser.fill("[name=code]", code)
        browser.press("button.go")
        browser.wait("signed in where we wanted to go", "location.pathname === '/incidents' && document.body.innerText.includes('All is quiet')")
        browser.open(gateway.url)
        browser.wait("live", "document.getElementById('live')?.dataset.state === 'on'")
        browser.shoot("quiet")
        incident = alert(cluster, "5xx above 2 % at checkout")
        browser.wait("the news, unasked", "document.querySelectorAll('main article.card').length === 1")
        alert(cluster, hostile, severity="SEV-3", service="aion-admin")
        browser.wait("more news", "document.querySelectorAll('main article.card').length === 2")
        assert browser.value("document.title") != "run" and not browser.value("!!document.querySelector('main img')")
        assert "<img src=x" in browser.value("document.body.innerText"), "the hostile text isn't shown as it is"
        small = browser.value(
            "[...document.querySelectorAll('nav a, button, summary, .chip')].filter(e => { const b = e.getBoundingClientRect();"
            " return b.height && b.height < 44 }).map(e => e.outerHTML)")
        assert small == [], f"too small for a thumb: {small}"
        assert browser.value("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the phone"
        browser.shoot("overview")
        # What has just moved isn't pressed by mistake.
        browser.wait_still("the cards stay", "document.querySelectorAll('main article.card').length === 2", 0.8)
        browser.press(f"form[action='/incidents/{incident}/acknowledge'] button")
        browser.wait("what came of it", "document.querySelector('.said')?.innerText.includes('paging stops')")
        assert state(cluster, incident) == "ACKNOWLEDGED"
        browser.open(f"{gateway.url}/incidents/{incident}")
        browser.press("#update summary")
        browser.fill("#update [name=impact]", "some cannot pay")
        # News while somebody writes takes nothing from them.
        cluster.ctl("incident", "escalate", incident, "--reason", "needs more hands", "--by", primary)
        browser.wait_still("what was written stays", "document.querySelector('#update [name=impact]').value === 'some cannot pay'", 1)
        browser.shoot("incident")
        for look, dark in [("phone", False), ("desk", False), ("desk", True)]:
            browser.look(look, dark=dark)
            for name, path in [("overview", "/"), ("incident", f"/incidents/{incident}"), ("schedule", "/schedule"), ("swaps", "/swaps"),
                               ("handoff", "/handoff"), ("nothing", "/nothing")]:
                browser.open(gateway.url + path)
                assert browser.value("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the {look}"
                browser.shoot(name)
        browser.look("phone", dark=True, script=False)
        other = alert(cluster, "queue is stuck", service="postgres")
        # Without script all of it can be read.
        names = {one["id"]: one["name"] for one in cluster.json("oncall", "platform")["people"]}
        for path, words in [("/", ["queue is stuck", names[primary], "PRIMARY"]), (f"/incidents/{other}", ["queue is stuck", "Timeline", "opened"]),
                            ("/schedule", [names[primary], "Mon"]), ("/swaps", ["No swap waits"]), ("/handoff", ["Document", names[primary]])]:
            browser.open(gateway.url + path)
            text = browser.value("document.body.innerText")
            assert all(word.lower() in text.lower() for word in words), (path, words, text)
        browser.open(gateway.url)
        browser.press(f"form[action='/incidents/{other}/acknowledge'] button")
        eventually("acknowledged without script", 10, lambda: state(cluster, other) == "ACKNOWLEDGED")
        wrong = [line for line in browser.errors if "/nothing" not in line]
        assert not wrong, wrong


def news_take_no_choice_away_and_what_is_old_says_so(binaries):
    """Chromium: a choice that was made stays when news come; what can't be had anew is said to be old, until it can; and a press that
    a menu has swallowed stops nothing."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway, Chromium() as browser:
        primary = cluster.primary()
        reader = Reader(gateway)
        reader.sign_in(cluster, primary)
        name, value = reader.cookie.split("=", 1)
        browser.look("phone", dark=False)
        browser.call("Network.setCookie", name=name, value=value, url=gateway.url)
        incident = alert(cluster, "5xx above 2 % at checkout")
        browser.open(f"{gateway.url}/incidents/{incident}")
        live = "document.getElementById('live').dataset.state === 'on'"
        browser.wait("live", live)
        # As by a wheel, or by keys before the focus went elsewhere: the choice has no focus.
        browser.value("document.querySelector('#update select').selectedIndex = 2; window.asked = performance.getEntriesByType('resource').length")
        cluster.ctl("incident", "escalate", incident, "--reason", "needs more hands", "--by", primary)
        browser.wait_still("what was chosen stays", "document.querySelector('#update select').selectedIndex === 2", 2)
        browser.value("document.querySelector('#update select').selectedIndex = 0")
        browser.value("for (const one of document.querySelectorAll('#update option')) one.selected = one.defaultSelected")
        browser.value("document.dispatchEvent(new Event('visibilitychange'))")
        browser.wait("once nothing is chosen the news are shown", "document.body.innerText.includes('needs more hands')")

        cluster.kill("escalator")
        browser.value("document.dispatchEvent(new Event('visibilitychange'))")
        browser.wait("what stands there is said to be old", "document.getElementById('live').innerText === 'not up to date'")
        assert browser.value("document.querySelector('h1').innerText") == "5xx above 2 % at checkout", "and it stands there still"
        cluster.start("escalator")
        browser.wait("it is live again by itself", f"{live} && document.getElementById('live').innerText === 'live'", 30)

        # A menu takes the end of the press.
        browser.call("Input.dispatchMouseEvent", type="mousePressed", x=5, y=400, button="right", buttons=2, clickCount=1)
        browser.value("document.dispatchEvent(new PointerEvent('pointerdown'))")
        browser.value("document.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true }))")
        cluster.ctl("incident", "ack", incident, "--by", primary)
        browser.wait("news all the same", "document.querySelector('.state').innerText.includes('you')", 8)


ALL = [pages_are_seen_in_a_browser, news_take_no_choice_away_and_what_is_old_says_so]
