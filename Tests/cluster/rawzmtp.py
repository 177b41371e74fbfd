"""What peers say that show no key, byte by byte: of ZMTP 1.0 and 2.0, which know of none (https://rfc.zeromq.org/spec/13 and /15), and
of 3.0 by its mechanism NULL (/23). No library speaks the first two by choice."""
import socket
import struct

SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
DEALER = b"\x05"


def first_frame(body, more):
    """Of 1.0: a length that counts the flags, the flags, the body."""
    size = len(body) + 1
    return (bytes([size]) if size < 255 else b"\xff" + struct.pack(">Q", size)) + bytes([more]) + body


def frame(body, more, command=0):
    """Of 2.0 and later."""
    size = bytes([len(body)]) if len(body) < 256 else struct.pack(">Q", len(body))
    return bytes([more | 2 * (len(body) > 255) | 4 * command]) + size + body


READY = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
# By version: what a client says before its first message, how many bytes of greeting it hears, and how both write frames.
VERSIONS = {
    "ZMTP 1.0": (first_frame(b"", 0), 0, first_frame),
    "ZMTP 2.0": (SIGNATURE + b"\x01" + DEALER + frame(b"", 0), 12, frame),
    "ZMTP 3.0 with NULL": (SIGNATURE + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32) + frame(READY, 0, 1), 64, frame),
}


class Unheard(Exception):
    """The server has shut the connection without an answer."""


def asked(port, version, header, payload, patience=10):
    """The two frames by which one call is answered.

    Raises Unheard when the server shuts the connection, and TimeoutError when it does neither."""
    said, greeting, write = VERSIONS[version]
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as raw:
        try:
            raw.sendall(said)
            exactly(raw, greeting)
            next_frame(raw, write)  # the server's routing id, or READY
            raw.sendall(write(header, 1) + write(payload, 0))
            return message_frame(raw, write), message_frame(raw, write)
        except ConnectionError:
            raise Unheard from None


def message_frame(raw, write):
    """The next that is no command of ZMTP 3.0, such as a ping."""
    while True:
        flags, body = next_frame(raw, write)
        if write is first_frame or not flags & 4:
            return body


def next_frame(raw, write):
    """Flags and body."""
    if write is first_frame:
        size = exactly(raw, 1)[0]
        whole = exactly(raw, struct.unpack(">Q", exactly(raw, 8))[0] if size == 255 else size)
        return whole[0], whole[1:]
    flags = exactly(raw, 1)[0]
    return flags, exactly(raw, struct.unpack(">Q", exactly(raw, 8))[0] if flags & 2 else exactly(raw, 1)[0])


def exactly(raw, count):
    found = b""
    while len(found) < count:
        more = raw.recv(count - len(found))
        if not more:
            raise ConnectionError
        found += more
    return found
