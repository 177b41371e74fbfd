"""A CurveZMQ client by hand (RFC 26, over libsodium): says of itself what no library would let it say."""
import ctypes
import ctypes.util
import os
import socket
import struct

from zmq.utils import z85

SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")


def box(message, nonce, public, secret):
    sealed = ctypes.create_string_buffer(len(message) + 16)
    assert SODIUM.crypto_box_easy(sealed, message, ctypes.c_ulonglong(len(message)), nonce, public, secret) == 0
    return sealed.raw


def unbox(sealed, nonce, public, secret):
    message = ctypes.create_string_buffer(len(sealed) - 16)
    assert SODIUM.crypto_box_open_easy(message, sealed, ctypes.c_ulonglong(len(sealed)), nonce, public, secret) == 0
    return message.raw


def pair():
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    SODIUM.crypto_box_keypair(public, secret)
    return public.raw, secret.raw


class RawCurve:
    """Connects with a pair of keys and metadata of its own choice. `is_in` tells whether the server said READY."""

    def __init__(self, port, keys, server, metadata):
        own, own_secret = map(z85.decode, keys)
        server = z85.decode(server)
        passing, self.secret = pair()
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.raw.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") + bytes(32))
        self.exactly(64)
        hello = box(bytes(64), b"CurveZMQHELLO---" + struct.pack(">Q", 1), server, self.secret)
        self.command(b"\x05HELLO\x01\x00" + bytes(72) + passing + struct.pack(">Q", 1) + hello)
        welcome = self.frame()
        assert welcome[:8] == b"\x07WELCOME", welcome
        opened = unbox(welcome[24:], b"WELCOME-" + welcome[8:24], server, self.secret)
        self.server, cookie = opened[:32], opened[32:]
        nonce = os.urandom(16)
        vouch = box(passing + server, b"VOUCH---" + nonce, self.server, own_secret)
        said = b"".join(bytes([len(name)]) + name + struct.pack(">I", len(value)) + value for name, value in metadata)
        sealed = box(own + nonce + vouch + said, b"CurveZMQINITIATE" + struct.pack(">Q", 2), self.server, self.secret)
        self.command(b"\x08INITIATE" + cookie + struct.pack(">Q", 2) + sealed)
        self.sent = 2
        self.is_in = self.frame()[:6] == b"\x05READY"

    def exactly(self, count):
        found = b""
        while len(found) < count:
            more = self.raw.recv(count - len(found))
            assert more, "the server hung up"
            found += more
        return found

    def frame(self):
        flags, size = self.exactly(2)
        if flags & 2:
            size = struct.unpack(">Q", bytes([size]) + self.exactly(7))[0]
        return self.exactly(size)

    def command(self, body):
        self.raw.sendall((bytes([4, len(body)]) if len(body) < 256 else b"\x06" + struct.pack(">Q", len(body))) + body)

    def send(self, *frames):
        for index, frame in enumerate(frames):
            self.sent += 1
            more = bytes([index < len(frames) - 1])
            nonce = struct.pack(">Q", self.sent)
            body = b"\x07MESSAGE" + nonce + box(more + frame, b"CurveZMQMESSAGEC" + nonce, self.server, self.secret)
            self.raw.sendall((bytes([0, len(body)]) if len(body) < 256 else b"\x02" + struct.pack(">Q", len(body))) + body)

    def receive(self):
        """The next message's frames; ZeroMQ's own pings are not among them."""
        frames = []
        while True:
            body = self.frame()
            assert body[:8] == b"\x07MESSAGE", body
            opened = unbox(body[16:], b"CurveZMQMESSAGES" + body[8:16], self.server, self.secret)
            if opened[0] & 4:
                continue
            frames.append(opened[1:])
            if not opened[0] & 1:
                return frames

    def close(self):
        self.raw.close()
