"""A proxy that people sign in at: Debian's nginx, which asks a service who somebody is (auth_request), as it is put before an OIDC login."""
import os
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cluster import Cluster, eventually, free_port
from pages import Reader, alert, state
from senders import Gateway, Program, asked

SECRET = "5ea1" * 16


class Login(ThreadingHTTPServer):
    """Who has which session there: 202 with the name in a header, or 401, as oauth2-proxy answers nginx."""
    daemon_threads = True

    def __init__(self, sessions):
        self.sessions = sessions

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                cookie = SimpleCookie(self.headers.get("Cookie", "")).get("_oauth2_proxy")
                person = sessions.get(cookie.value if cookie else "")
                self.send_response(202 if person else 401)
                if person:
                    self.send_header("X-Auth-Request-User", person)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


def nginx(folder, port, login, gateway):
    """Started, with the configuration that the operating guide describes."""
    folder.mkdir()
    secret = folder / "secret.conf"
    secret.touch(mode=0o400)
    os.chmod(secret, 0o600)
    secret.write_text(f"proxy_set_header Tocsin-Proxy-Secret {SECRET};\n")
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
        daemon off; pid {folder / "pid"}; error_log stderr; events {{}}
        {"user root;" if os.getuid() == 0 else ""}
        http {{
          access_log off; {temporary}
          server {{
            listen 127.0.0.1:{port};
            location = /who {{
              internal; proxy_pass http://127.0.0.1:{login.server_address[1]};
              proxy_pass_request_body off; proxy_set_header Content-Length "";
            }}
            location / {{
              auth_request /who;
              auth_request_set $somebody $upstream_http_x_auth_request_user;
              proxy_set_header X-Forwarded-User $somebody;
              include {secret};
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
              proxy_set_header Host $http_host;
              proxy_pass {gateway};
            }}
          }}
        }}""")
    return Program(folder / "run", "nginx", "-c", folder / "nginx.conf", "-p", folder)


def who_signed_in_at_a_real_proxy_acts_as_themselves(binaries):
    """By its word and no stranger's: a header of one's own is replaced, its address without its secret says nothing."""
    with Cluster(binaries) as cluster:
        file, port = cluster.folder / "proxy-secret", free_port()
        file.write_text(f"{SECRET}\n")
        file.chmod(0o400)
        options = ["--forward-auth-header", "X-Forwarded-User", "--forward-auth-from", "127.0.0.1", "--forward-auth-secret-file", file,
                   "--trusted-proxies", "127.0.0.1"]
        primary = cluster.primary()
        login = Login({"1": primary, "2": "mallory"})
        with Gateway(cluster, pages=f"http://127.0.0.1:{port}", options=options) as gateway:
            proxy = nginx(cluster.folder / "nginx", port, login, gateway.url)
            try:
                url = f"http://127.0.0.1:{port}"
                eventually("the proxy is up", 10, lambda: asked(url)[0])
                incident = alert(cluster, "seen through a proxy")

                def reader(session):
                    one = Reader(gateway)
                    one.port, one.origin, one.cookie = port, url, f"_oauth2_proxy={session}"
                    return one

                person = reader("1")
                status, text, _ = person.get("/")
                assert status == 200 and "seen through a proxy" in text and "Sign out" not in text, (status, text)
                status, page, _ = person.get(f"/incidents/{incident}")
                assert status == 200, (status, page)
                assert person.post(f"/incidents/{incident}/acknowledge", page)[0] == 303
                assert state(cluster, incident) == "ACKNOWLEDGED"
                assert f"gateway for {primary}" in cluster.ctl("audit", "list")
                # Nobody there, somebody whom the roster doesn't know, and a form of another site.
                assert reader("none").get("/")[0] == 401
                assert reader("2").get("/")[0] == 403
                assert person.ask("POST", f"/incidents/{incident}/resolve", {}, {"Origin": "https://elsewhere.example"})[0] == 403
                # What a stranger says of themselves is the proxy's to say; who goes around the proxy has no secret.
                assert reader("2").ask("GET", "/", headers={"X-Forwarded-User": primary})[0] == 403
                around = Reader(gateway)
                assert around.ask("GET", "/", headers={"X-Forwarded-User": primary})[0] == 303
                assert state(cluster, incident) == "ACKNOWLEDGED"
            finally:
                proxy.stop()
                login.shutdown()
        return f"{primary} acknowledged through nginx"


ALL = [who_signed_in_at_a_real_proxy_acts_as_themselves]
