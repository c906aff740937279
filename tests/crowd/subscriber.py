"""A client of /realtime/v1/websocket that reads when it is told to, and not before."""

import base64
import json
import os
import socket
import struct
import urllib.parse


def masked(text):
    """One text frame as clients send it (RFC 6455 section 5.2)."""
    payload = text.encode()
    mask = os.urandom(4)
    head = b"\x81"
    if len(payload) < 126:
        head += struct.pack("!B", 0x80 | len(payload))
    else:
        head += struct.pack("!BH", 0x80 | 126, len(payload))
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


class Subscriber:
    """Follows the changes of one tenant's leads. `window`: bytes that the kernel may keep for it."""

    def __init__(self, port, token, window=None):
        self.socket = socket.socket()
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", port))
        self.bytes = b""
        key = base64.b64encode(os.urandom(16)).decode()
        query = urllib.parse.urlencode({"apikey": token, "vsn": "2.0.0"})
        self.socket.sendall((f"GET /realtime/v1/websocket?{query} HTTP/1.1\r\nHost: test\r\n"
                             "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.bytes:
            self.receive()
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 "), head
        config = {"postgres_changes": [{"event": "*", "schema": "public", "table": "leads"}],
                  "presence": {"enabled": False}}
        self.send(["1", "1", "realtime:leads", "phx_join", {"config": config}])
        while self.next()[3] != "system":
            pass

    def receive(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server has ended the connection")
        self.bytes += piece

    def send(self, message):
        self.socket.sendall(masked(json.dumps(message)))

    def take(self, size):
        while len(self.bytes) < size:
            self.receive()
        taken, self.bytes = self.bytes[:size], self.bytes[size:]
        return taken

    def next(self):
        """The next message; the server's frames are whole and not masked."""
        while True:
            first, size = self.take(2)
            if size == 126:
                size = struct.unpack("!H", self.take(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self.take(8))[0]
            payload = self.take(size)
            if first == 0x81:
                return json.loads(payload)
            if first == 0x88:
                raise ConnectionError("the server has closed the socket")

    def changes(self, count):
        """The next so many, as the server tells of them."""
        found = []
        while len(found) < count:
            message = self.next()
            if message[3] == "postgres_changes":
                found.append(message[4]["data"])
        return found

    def close(self):
        self.socket.close()
