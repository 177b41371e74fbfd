"""Speaks to the fixtures that are no public provider's, the mail server and the receiver of webhooks, by clients that aren't ours: Python's
smtplib, curl and openssl, with the dialogue of ../shared/wire-formats.md 9."""
import json
import smtplib
import socket
import ssl
import subprocess
import time
from email.message import EmailMessage

from cluster import json_lines

USER, PASSWORD = "tocsin", "pass word 42"
SECRET = "a secret of forty two characters, and more"


class Checks:
    def __init__(self):
        self.made = 0

    def check(self, held, words):
        assert held, words
        self.made += 1

    def raises(self, kind, call):
        try:
            answer = call()
        except kind as failure:
            self.made += 1
            return failure
        raise AssertionError(f"{kind} was expected, {answer} came")


def run(*command, given=None):
    return subprocess.run([str(part) for part in command], input=given, capture_output=True, timeout=20)


def letter(to, subject="[SEV-1] redis: disk full, ñ", body="disk full\n.a line that begins with a dot\n"):
    """As wire-formats.md has it."""
    message = EmailMessage()
    message["Date"], message["From"], message["To"] = "Tue, 24 Nov 2026 03:02:10 +0000", "tocsin@aion.example", to
    message["Subject"], message["Message-ID"] = subject, "<2f-1k/ana/1#0@aion.example>"
    message["References"], message["Auto-Submitted"], message["X-Priority"] = "<2f-1k@aion.example>", "auto-generated", "1"
    message.set_content(body)
    return message


class Mail(Checks):
    """Two servers: one that is asked for STARTTLS, and one of TLS from the first byte."""

    def __init__(self, folder, port, implicit_port, certificate, out):
        super().__init__()
        self.folder, self.port, self.implicit_port, self.certificate, self.out = folder, port, implicit_port, certificate, out
        self.context = ssl.create_default_context(cafile=certificate)

    def all(self):
        self.smtplibs()
        self.troubles()
        self.curls()
        self.openssls()
        return self.made

    def session(self, user=USER, password=PASSWORD, timeout=5):
        session = smtplib.SMTP("localhost", self.port, timeout=timeout)
        session.starttls(context=self.context)
        if user:
            session.login(user, password)
        return session

    def smtplibs(self):
        with smtplib.SMTP("localhost", self.port, timeout=5) as plain:
            plain.ehlo("aion.example")
            self.check(plain.has_extn("starttls") and not plain.has_extn("auth"), "nothing is asked for before TLS")
            self.check(int(plain.esmtp_features["size"]) == 200_000 and plain.has_extn("8bitmime"), plain.esmtp_features)
            self.check(plain.docmd("MAIL", "FROM:<a@b.example>")[0] == 530, "no letter without TLS")
            self.check(plain.docmd("AUTH", "PLAIN AGEAYg==")[0] == 538, "no password without TLS")
            plain.starttls(context=self.context)
            plain.ehlo("aion.example")
            self.check(not plain.has_extn("starttls") and plain.esmtp_features["auth"].split() == ["PLAIN", "LOGIN"], plain.esmtp_features)
            self.check(plain.docmd("MAIL", "FROM:<a@b.example>")[0] == 530, "no letter without a login")
            wrong = self.raises(smtplib.SMTPAuthenticationError, lambda: plain.login(USER, "not the password"))
            self.check(wrong.smtp_code == 535, wrong)
        for way in ("plain", "login"):
            with self.session(user="") as session:
                session.ehlo_or_helo_if_needed()
                session.user, session.password = USER, PASSWORD
                self.check(session.auth(way.upper(), getattr(session, f"auth_{way}"))[0] == 235, way)
                self.check(session.send_message(letter(f"ana+{way}@aion.example")) == {}, way)
            came = json_lines(self.out)[-1]
            self.check(came["to"] == f"ana+{way}@aion.example" and came["from"] == "tocsin@aion.example" and came["user"] == USER, came)
            self.check(came["subject"] == "[SEV-1] redis: disk full, ñ" and came["tls"].startswith("TLSv1."), came)
            self.check(came["body"].splitlines() == ["disk full", ".a line that begins with a dot"], came["body"])
            self.check(came["flaws"] == [] and came["refused"] is None and came["ehlo"], came)
        with smtplib.SMTP_SSL("localhost", self.implicit_port, context=self.context, timeout=5) as session:
            session.login(USER, PASSWORD)
            self.check(session.send_message(letter("ben@aion.example")) == {}, "TLS from the first byte")
        with self.session() as session:
            session.docmd("MAIL", "FROM:<a@b.example>")
            self.check(session.docmd("RCPT", "TO:<cai@aion.example>")[0] == 250 and session.docmd("DATA")[0] == 354, "a letter by hand")
            session.send(b"Subject: caf\xc3\xa9\nFrom: a@b.example\r\n\r\nx\r\n.\r\n")
            self.check(session.getreply()[0] == 250, "what is badly written is taken")
        flaws = json_lines(self.out)[-1]["flaws"]
        for flaw in ["a bare line feed or carriage return", "a header that is no printable ASCII", "0 headers date", "0 headers message-id"]:
            self.check(flaw in flaws, f"{flaw}: {flaws}")

    def troubles(self):
        for whom, code in [("unknown", 550), ("full", 452), ("greylisted", 451)]:
            with self.session() as session:
                refused = self.raises(smtplib.SMTPRecipientsRefused, lambda: session.send_message(letter(f"{whom}@aion.example")))
                self.check(refused.recipients[f"{whom}@aion.example"][0] == code, refused)
        for whom, code in [("spam", 554), ("busy", 421), ("toobig", 552)]:
            session = self.session()
            refused = self.raises(smtplib.SMTPDataError, lambda: session.send_message(letter(f"{whom}@aion.example")))
            self.check(refused.smtp_code == code and json_lines(self.out)[-1]["refused"].startswith(str(code)), refused)
            session.close()
        with self.session() as session:
            huge = self.raises(smtplib.SMTPSenderRefused, lambda: session.send_message(letter("ana@aion.example", body="x\n" * 150_000)))
            self.check(huge.smtp_code == 552, huge)
        for whom, error, taken in [("cut-before", smtplib.SMTPServerDisconnected, 0), ("cut", smtplib.SMTPServerDisconnected, 1),
                                   ("hang", (TimeoutError, smtplib.SMTPServerDisconnected), 1),
                                   ("mute", (TimeoutError, smtplib.SMTPServerDisconnected), 0)]:
            before, session = len(json_lines(self.out)), self.session(timeout=3)
            self.raises(error, lambda: session.send_message(letter(f"{whom}@aion.example")))
            self.check(len(json_lines(self.out)) == before + taken, f"{whom}: {len(json_lines(self.out)) - before} letters")
            session.close()
        session = self.session(timeout=3)
        self.check(session.send_message(letter("hang-goodbye@aion.example")) == {}, "the letter is taken")
        self.raises((TimeoutError, smtplib.SMTPServerDisconnected), session.quit)
        session.close()

    def curls(self):
        file = self.folder / "letter.eml"
        file.write_bytes(letter("dee@aion.example").as_bytes().replace(b"\n", b"\r\n"))

        def curl(url, *more, to="dee@aion.example", password=PASSWORD):
            return run("curl", "-sS", "--max-time", "5", "--url", url, "--cacert", self.certificate, "--user", f"{USER}:{password}",
                       "--mail-from", "tocsin@aion.example", "--mail-rcpt", to, "--upload-file", file, *more).returncode

        before = len(json_lines(self.out))
        self.check(curl(f"smtp://localhost:{self.port}", "--ssl-reqd") == 0, "curl by STARTTLS")
        self.check(curl(f"smtps://localhost:{self.implicit_port}") == 0, "curl by TLS")
        came = json_lines(self.out)[before:]
        self.check(len(came) == 2 and all(one["flaws"] == [] and one["user"] == USER for one in came), came)
        self.check(all(dict(one["headers"])["Message-ID"] == "<2f-1k/ana/1#0@aion.example>" for one in came), came)
        self.check(curl(f"smtp://localhost:{self.port}", "--ssl-reqd", password="wrong") == 67, "67: the login is denied")
        self.check(curl(f"smtp://localhost:{self.port}", "--ssl-reqd", to="unknown@aion.example") == 55, "55: nobody has that address")
        self.check(run("curl", "-sS", "--max-time", "5", "--url", f"smtp://localhost:{self.port}", "--ssl-reqd", "--mail-from", "a@b.example",
                       "--mail-rcpt", "dee@aion.example", "--upload-file", file).returncode == 60, "60: nobody vouches for the server")

    def openssls(self):
        for port, way in [(self.port, ["-starttls", "smtp"]), (self.implicit_port, [])]:
            said = run("openssl", "s_client", "-connect", f"localhost:{port}", *way, "-CAfile", self.certificate, "-verify_return_error",
                       "-verify_hostname", "localhost", "-brief", "-crlf", "-ign_eof", given=b"quit\n")
            self.check(said.returncode == 0 and b"Verification: OK" in said.stderr and b"221 2.0.0 goodbye" in said.stdout, said)


class Hooks(Checks):
    """The receiver of signed webhooks; a second one reads the address in a page as a path."""

    def __init__(self, folder, port, by_address, out):
        super().__init__()
        self.folder, self.url, self.by_address, self.out = folder, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{by_address}", out

    def all(self):
        self.signatures()
        self.answers()
        return self.made

    def curl(self, *arguments, code=0):
        said = run("curl", "-sS", "-i", "--max-time", "4", *arguments)
        assert said.returncode == code, (arguments, said)
        head, _, body = said.stdout.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in rest if ": " in line)
        return (int(first.split()[1]) if first else 0), headers, body

    def signatures(self):
        """As the webhook's provider signs: the time, a dot and the body as it is, by openssl."""
        body, at = b'{"text": "disk full \xc3\xb1", "id": "2f-1k/ana/1#0"}', str(int(time.time()))

        def signed(secret, at, body):
            said = run("openssl", "dgst", "-sha256", "-hmac", secret, "-r", given=at.encode() + b"." + body)
            return f"Tocsin-Signature: t={at},v1={said.stdout.decode().split()[0]}"

        for header, verdict in [
            (signed(SECRET, at, body), "good"), (signed(SECRET[:-1], at, body), "bad"), (signed(SECRET, at, body + b" "), "bad"),
            (signed(SECRET, at, body).replace(f"t={at}", f"t={int(at) + 1}"), "bad"), ("Tocsin-Signature: nonsense", "bad"),
            ("X-Else: x", "none"),
        ]:
            status, _, said = self.curl("-H", header, "-H", "Content-Type: application/json", "--data-binary", body.decode(), f"{self.url}/")
            came = json_lines(self.out)[-1]
            self.check((status, said, came["signature"], came["body"]) == (200, b"taken", verdict, body.decode()), (header, came))
        self.check(abs(came["at_ms"] - time.time() * 1000) < 5_000 and came["headers"]["content-type"] == "application/json", came)

    def answers(self):
        status, headers, _ = self.curl("-d", "x", f"{self.url}/status/503?retry-after=7")
        self.check((status, headers["retry-after"]) == (503, "7"), headers)
        began = time.monotonic()
        self.check(self.curl("-d", "x", f"{self.url}/delay/0.4")[0] == 200 and time.monotonic() - began >= 0.4, "it dawdles")
        self.check(len(self.curl(f"{self.url}/big")[2]) == 1 << 20, "a long answer")
        status, headers, _ = self.curl(f"{self.url}/redirect")
        self.check((status, headers["location"]) == (302, "/elsewhere"), headers)
        self.check(self.curl("-d", "the body", f"{self.url}/echo")[2] == b"the body", "what was sent")
        for path, code in [("hang", 28), ("drop", 52)]:
            self.curl("-d", f"by {path}", f"{self.url}/{path}", code=code)
            self.check(json_lines(self.out)[-1]["body"] == f"by {path}", f"{path}: it is written down before there is no answer")
        run("curl", "-sS", "--max-time", "2", "-d", "1", f"{self.url}/one", "-d", "2", f"{self.url}/two")
        one, two = json_lines(self.out)[-2:]
        self.check((one["path"], two["path"]) == ("/one", "/two") and one["connection"] == two["connection"], (one, two))
        with socket.create_connection(("127.0.0.1", int(self.url.rsplit(":", 1)[1])), timeout=2) as other:
            other.sendall(b"POST /cut HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
        page = json.dumps({"address": "/status/429?retry-after=3", "text": "x"})
        status, headers, _ = self.curl("-d", page, f"{self.by_address}/")
        self.check((status, headers["retry-after"]) == (429, "3"), "trouble by a page's address")
        self.check(self.curl("-d", page.replace("/status/429?retry-after=3", "ana"), f"{self.by_address}/")[0] == 200, "and none by another")
        self.check(self.curl("-d", page, f"{self.url}/")[0] == 200, "only where that is asked for")
