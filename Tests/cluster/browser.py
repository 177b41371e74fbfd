"""Debian's Chromium without a screen, driven by its DevTools protocol over a websocket."""
import base64
import json
import re
import subprocess
import tempfile
import time
import urllib.request

import websocket

from cluster import eventually

LOOKS = {"phone": (390, 844, 2, True), "desk": (1280, 900, 1, False)}


class Chromium:
    """A tab. `errors` is what its console and its network log complained about, and each dialog that was opened."""

    def __init__(self, screenshots=None):
        self.screenshots, self.errors, self.answers, self.number, self.suffix = screenshots, [], {}, 0, ""
        self.profile = tempfile.TemporaryDirectory(prefix="tocsin-chromium-", ignore_cleanup_errors=True)
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0", "--remote-allow-origins=*",
             f"--user-data-dir={self.profile.name}", "about:blank"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        port = None
        for line in self.process.stderr:
            if found := re.search(r"ws://127\.0\.0\.1:(\d+)/", line):
                port = found[1]
                break
        assert port, "Chromium did not start"
        # Nobody reads the rest: it must not fill the pipe.
        subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)

        def pages():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
                return [one for one in json.load(answer) if one["type"] == "page"]
        tab = eventually("the browser's page", 20, pages)[0]
        self.socket = websocket.create_connection(tab["webSocketDebuggerUrl"], timeout=20)
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()

    # The protocol

    def call(self, method, **parameters):
        self.number += 1
        mine = self.number
        self.socket.send(json.dumps({"id": mine, "method": method, "params": parameters}))
        while mine not in self.answers:
            self.read()
        answer = self.answers.pop(mine)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def read(self):
        message = json.loads(self.socket.recv())
        if "id" in message:
            self.answers[message["id"]] = message
            return
        method, given = message["method"], message["params"]
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(given["exceptionDetails"])[:400])
        elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(given["args"])[:400])
        elif method == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
            self.errors.append(f"{given['entry']['text']} {given['entry'].get('url', '')}")
        elif method == "Page.javascriptDialogOpening":
            self.errors.append(f"a dialog: {given['message']}")
            self.number += 1
            self.socket.send(json.dumps({"id": self.number, "method": "Page.handleJavaScriptDialog", "params": {"accept": False}}))

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, (expression, result["exceptionDetails"])
        return result["result"].get("value")

    # What somebody does

    def look(self, name, dark, script=True):
        width, height, scale, mobile = LOOKS[name]
        self.suffix = f"{name}-{'dark' if dark else 'light'}"
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                                                          {"name": "prefers-reduced-motion", "value": "reduce"}])
        self.call("Emulation.setScriptExecutionDisabled", value=not script)

    def open(self, url):
        self.value("window.isOld = true")
        self.call("Page.navigate", url=url)
        self.loaded()

    def loaded(self):
        self.wait("the next page", "!window.isOld")

    def wait(self, what, condition, seconds=15):
        end = time.monotonic() + seconds
        # Between two pages there is nothing to look at.
        while not self.value(f"document.readyState === 'complete' && !!document.body && !!({condition})"):
            assert time.monotonic() < end, f"did not happen within {seconds} s: {what}\n{self.value('document.body?.innerText')}"
            time.sleep(0.03)

    def wait_still(self, what, condition, seconds):
        """What must hold all the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.value(condition), what
            time.sleep(0.05)

    def fill(self, selector, text):
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def press(self, selector):
        """With the pointer, where it is: what covers it would be hit instead."""
        self.value(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        x, y = self.value(f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
                          " return [b.x + b.width / 2, b.y + b.height / 2] })()")
        for kind in ["mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def shoot(self, name):
        """The whole page, as far as it is worth looking at."""
        if not self.screenshots:
            return
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 2400), "scale": 1}
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        self.screenshots.mkdir(parents=True, exist_ok=True)
        (self.screenshots / f"{name}-{self.suffix}.png").write_bytes(base64.b64decode(image))
