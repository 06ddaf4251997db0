"""The client sides of two protocols, as little as the benchmark needs, over Unix sockets and without other packages.

PostgreSQL: protocol 3.0, simple queries and COPY (its manual, chapter "Frontend/Backend Protocol").
MariaDB: handshake with mysql_native_password and no password, COM_QUERY with text results (its "Client/Server Protocol").
"""
import socket
import struct

from machine import Unfit


class Reader:
    """Exact reads from a socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self._buffer, self._place = b"", 0

    def take(self, count):
        while len(self._buffer) - self._place < count:
            more = self.socket.recv(1 << 18)
            if not more:
                raise ConnectionError("the server closed the connection")
            self._buffer, self._place = self._buffer[self._place:] + more, 0
        self._place += count
        return self._buffer[self._place - count:self._place]


class Postgres:
    """One session."""

    def __init__(self, directory, port, database, user):
        self._reader = Reader(f"{directory}/.s.PGSQL.{port}")
        body = struct.pack("!I", 196608) + b"".join(
            part.encode() + b"\0" for part in ("user", user, "database", database)) + b"\0"
        self._reader.socket.sendall(struct.pack("!I", len(body) + 4) + body)
        self._until_ready([])

    @staticmethod
    def _message(kind, body):
        return kind + struct.pack("!I", len(body) + 4) + body

    def _until_ready(self, copies):
        rows, failure, copies = [], None, list(copies)
        while True:
            head = self._reader.take(5)
            kind, body = head[:1], self._reader.take(struct.unpack("!I", head[1:])[0] - 4)
            if kind == b"Z":
                if failure:
                    raise Unfit(f"PostgreSQL: {failure}")
                return rows
            if kind == b"D":
                rows.append(self._row(body))
            elif kind == b"E":
                failure = " ".join(part[1:].decode() for part in body.split(b"\0") if part[:1] in (b"M", b"D"))
            elif kind == b"G":
                self._reader.socket.sendall(self._message(b"d", copies.pop(0)) + self._message(b"c", b""))
            elif kind == b"R" and struct.unpack("!I", body[:4])[0] != 0:
                raise Unfit("PostgreSQL wants a password")

    @staticmethod
    def _row(body):
        count, place, row = struct.unpack("!H", body[:2])[0], 2, []
        for _ in range(count):
            length = struct.unpack("!i", body[place:place + 4])[0]
            place += 4
            row.append(None if length < 0 else body[place:place + length].decode())
            place += max(length, 0)
        return row

    def query(self, text, copies=()):
        """Runs statements; each `COPY … FROM STDIN` among them takes the next of `copies`."""
        self._reader.socket.sendall(self._message(b"Q", text.encode() + b"\0"))
        return self._until_ready(copies)

    def send(self, encoded):
        """Runs statements that are encoded already, without results."""
        self._reader.socket.sendall(self._message(b"Q", encoded + b"\0"))
        self._until_ready([])


class MariaDB:
    """One session of root without a password."""

    def __init__(self, path):
        self._reader = Reader(path)
        self._packet()
        # LONG_PASSWORD, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, MULTI_STATEMENTS, MULTI_RESULTS, PLUGIN_AUTH
        flags = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x10000 | 0x20000 | 0x80000
        body = struct.pack("<IIB23x", flags, 1 << 24, 45) + b"root\0" + b"\0" + b"mysql_native_password\0"
        self._send(1, body)
        self._check(self._packet())

    def _packet(self):
        whole = b""
        while True:
            head = self._reader.take(4)
            length = head[0] | head[1] << 8 | head[2] << 16
            whole += self._reader.take(length)
            if length < 0xFFFFFF:
                return whole

    def _send(self, number, body):
        self._reader.socket.sendall(struct.pack("<I", len(body))[:3] + bytes([number]) + body)

    @staticmethod
    def _check(packet):
        if packet[:1] == b"\xff":
            raise Unfit(f"MariaDB: {packet[3:].decode(errors='replace')}")

    @staticmethod
    def _integer(packet, place):
        first = packet[place]
        if first < 0xFB:
            return first, place + 1
        size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[first]
        return int.from_bytes(packet[place + 1:place + 1 + size], "little"), place + 1 + size

    def query(self, text):
        """Runs statements; the rows of all of them."""
        return self.send(text.encode())

    def send(self, encoded):
        self._send(0, b"\x03" + encoded)
        rows = []
        while True:
            packet = self._packet()
            self._check(packet)
            if packet[:1] == b"\0":
                _, place = self._integer(packet, 1)
                _, place = self._integer(packet, place)
                status = struct.unpack("<H", packet[place:place + 2])[0]
            else:
                columns, _ = self._integer(packet, 0)
                for _ in range(columns + 1):
                    self._packet()
                while True:
                    packet = self._packet()
                    self._check(packet)
                    if packet[:1] == b"\xfe" and len(packet) < 9:
                        status = struct.unpack("<H", packet[3:5])[0]
                        break
                    rows.append(self._row(packet, columns))
            if not status & 8:
                return rows

    def _row(self, packet, columns):
        row, place = [], 0
        for _ in range(columns):
            if packet[place] == 0xFB:
                row.append(None)
                place += 1
                continue
            length, place = self._integer(packet, place)
            row.append(packet[place:place + length].decode())
            place += length
        return row
