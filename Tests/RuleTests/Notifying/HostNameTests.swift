import Messages
import Testing

/// Two ways of writing a server's address are one server.
@Suite struct HostNameTests {
  @Test(arguments: [
    ("http://hooks.example/x", "hooks.example"), ("HTTP://Hooks.Example:80/x", "hooks.example"),
    ("https://hooks.example:443", "hooks.example"), ("https://hooks.example.", "hooks.example"),
    ("https://hooks.example.:443/?a=b", "hooks.example"), ("https://hooks.example:/x", "hooks.example"),
    ("https://hooks.example:0443#x", "hooks.example"), ("https://user:pa:ss@hooks.example/x", "hooks.example"),
    ("https://a@b@hooks.example:443", "hooks.example"), ("https://hooks.example?to=you@other.example", "hooks.example"),
    ("smtp://mail.example:25", "mail.example"), ("smtps://mail.example:465", "mail.example"),
    ("https://[2001:DB8::1]:443/x", "[2001:db8::1]"), ("hooks.example/x", "hooks.example"), ("", ""),
    ("https:///x", ""),
  ]) func aHostHasOneName(url: String, name: String) { #expect(HostName.of(url) == name) }

  @Test(arguments: [
    ("https://hooks.example:80", "hooks.example:80"), ("http://hooks.example:8080/x", "hooks.example:8080"),
    ("https://[2001:db8::1]:8443", "[2001:db8::1]:8443"), ("smtp://mail.example:587", "mail.example:587"),
    ("https://other.hooks.example", "other.hooks.example"),
  ]) func anotherServerHasAnother(url: String, name: String) { #expect(HostName.of(url) == name) }
}
