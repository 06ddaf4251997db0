"""Xylem as shipped: three `xylemd` chained on loopback, asked and fed through their admin sockets as `xylemctl` does."""
import http.client
import json
import os
import socket
import subprocess
import threading
import time

import dataset as data
import measure
from machine import Unfit, tree_bytes
from processes import free_ports, wait_until


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket; the daemon answers to `localhost` only."""

    def __init__(self, path):
        super().__init__("localhost", timeout=600)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Admin:
    """One kept connection to a daemon."""

    def __init__(self, path):
        self._connection = UnixConnection(path)

    def call(self, method, path, body=None, kind="application/json"):
        headers = {"Content-Type": kind} if body is not None else {}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def get(self, path):
        status, body = self.call("GET", path)
        if status != 200:
            raise Unfit(f"xylemd: {path}: {body.decode()}")
        return json.loads(body)

    def query(self, question):
        path = "/v1/match" if "people" in question else "/v1/query"
        status, body = self.call("POST", path, json.dumps(question).encode())
        if status != 200:
            raise Unfit(f"xylemd: {body.decode()}")
        return json.loads(body)["rows"]

    def load(self, entity, text, changed):
        """Imports rows; durable on return. Every one of `changed` must have been written."""
        status, body = self.call("POST", f"/v1/import/{entity}?file=peers.csv", text, "text/csv")
        last = json.loads(body.splitlines()[-1])
        summary = last.get("summary")
        if status != 200 or not summary or summary["inserted"] + summary["updated"] != changed:
            raise Unfit(f"xylemd refused rows of {entity}: {body.decode()[:500]}")


class Stream:
    """One import that takes rows commit by commit: rows go on while earlier commits sync, each durable commit is told.

    At most WINDOW commits are on their way; `finish` returns when the last is durable."""

    WINDOW = 16

    def __init__(self, path, entity, head, rows):
        self._connection = UnixConnection(path)
        self._connection.putrequest("POST", f"/v1/import/{entity}?file=peers.csv&commit_rows={rows}")
        for name, value in (("Content-Type", "text/csv"), ("Transfer-Encoding", "chunked")):
            self._connection.putheader(name, value)
        self._connection.endheaders()
        self._told, self._sent, self._last = [], 0, None
        self._moved = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._send(head)

    def _read(self):
        try:
            for line in self._connection.getresponse():
                note = json.loads(line)
                with self._moved:
                    if "commit" in note:
                        self._told.append(note["commit"]["records"])
                    elif "progress" not in note and "header" not in note:
                        self._last = note
                    self._moved.notify()
        except (OSError, ValueError, http.client.HTTPException) as error:
            self._last = {"problem": str(error)}
        finally:
            with self._moved:
                self._last = self._last or {"problem": "no summary"}
                self._moved.notify()

    def _send(self, text):
        self._connection.send(b"%x\r\n%s\r\n" % (len(text), text))

    def commit(self, text):
        """Sends the rows of one commit."""
        with self._moved:
            self._moved.wait_for(lambda: self._sent - len(self._told) < self.WINDOW or self._last)
            if self._last:
                raise Unfit(f"xylemd: {self._last}")
        self._send(text)
        self._sent += 1

    def finish(self, records):
        """Every commit must have written as many records as `records` says."""
        self._connection.send(b"0\r\n\r\n")
        self._reader.join()
        if "summary" not in self._last or self._told != records:
            raise Unfit(f"xylemd: {self._last}, {len(self._told)} of {len(records)} commits as expected")


class Xylem(measure.System):
    name, title = "xylem", "Xylem"

    def __init__(self, directory, dataset, servers, tools):
        super().__init__(directory, dataset, servers)
        self._binaries = binaries = tools.binaries
        self._ports = free_ports(2)
        version = subprocess.run([f"{binaries}/xylemctl", "--version"], capture_output=True, text=True, check=False)
        self.settings.append(f"xylemd {version.stdout.strip()} as shipped; calendar.today: {dataset.expected['today']}")
        self.notes += [
            f"one import streams commits of 200 members with education, {Stream.WINDOW} at most without confirmation",
            "updates are imports of the key's column and the job code, in commits of 200",
            "bootstrap replays the middle's log into an empty top: snapshots are made by owners, and the middle owns no member",
            "links are TLS 1.3 with certificates at both ends, frames are signed; peers' links are in clear",
        ]

    def _home(self, level):
        return os.path.join(self.directory, level)

    def _serve(self, level, store):
        self._init(level, store)
        ports = {"leaf": (None, self._ports[0]), "middle": (self._ports[0], self._ports[1]),
                 "top": (self._ports[1], None)}[level]
        path = self._home(store)
        lines = ["node:", f"  directory: \"{path}\"", "tls:", f"  certificate: \"{path}.tls/node.crt\"",
                 f"  key: \"{path}.tls/node.key\"", f"  authorities: \"{path}.tls/authorities.crt\"", "admin:", f"  socket: \"{path}.sock\"", "calendar:",
                 f"  today: {self.dataset.expected['today']}", "log:", "  level: notice", "link:"]
        if ports[0]:
            lines.append(f"  listen: 127.0.0.1:{ports[0]}")
        if ports[1]:
            lines.append(f"  parent: 127.0.0.1:{ports[1]}")
        with open(path + ".yaml", "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        process = self.servers.start([f"{self._binaries}/xylemd", "serve", "--config", path + ".yaml"], store + ".log")
        wait_until(f"xylemd ({store}.log)", lambda: Admin(path + ".sock").get("/v1/version"), 30)
        return process, Admin(path + ".sock")

    def _init(self, level, store):
        code, parent = {"leaf": ("033", "2"), "middle": ("2", "1"), "top": ("1", None)}[level]
        command = [f"{self._binaries}/xylemd", "init", "--directory", self._home(store), "--network", "peers", "--code",
                   code, "--name", level]
        subprocess.run(command + (["--parent-code", parent] if parent else []), check=True, stdout=subprocess.DEVNULL)
        authority, folder = os.path.join(self.directory, "authority"), self._home(store) + ".tls"
        if not os.path.exists(authority):
            self._certify("init-ca", "--ca", authority, "--network", "peers", "--name", "peers")
        self._certify("request", "--directory", self._home(store), "--out", folder)
        self._certify("issue", "--ca", authority, "--request", os.path.join(folder, "node.csr"), "--out", folder)

    def _certify(self, *words):
        subprocess.run([f"{self._binaries}/xylemctl", "cert", *words], check=True, stdout=subprocess.DEVNULL)

    def start(self):
        top, self._top = self._serve("top", "top")
        middle, self._middle = self._serve("middle", "middle")
        leaf, self._leaf = self._serve("leaf", "leaf")
        self.levels = [leaf, middle, top]

    def _rows(self, admin):
        return {one["entity"]: one["rows"] for one in admin.get("/v1/status")["rows"]}

    def load(self):
        tables, heads = self.dataset.tables, self.dataset.heads
        for entity in ("unit", "org"):
            text = data.csv_text([heads[entity]] + tables[entity]).encode()
            self._leaf.load(entity, text, len(tables[entity]))
        wait_until("organisations at the top", lambda: self._rows(self._top).get("org") == len(tables["org"]) + 2)

    def prepare(self):
        dataset = self.dataset
        # A member's row carries its education: columns named with the child's entity in front.
        heads = [f"member_edu.{name}" for name in dataset.heads["member_edu"][1:]]
        self._head = data.csv_text([dataset.heads["member"] + heads]).encode()
        self._member_head = data.csv_text([dataset.heads["member"]]).encode()
        self._education_head = data.csv_text([dataset.heads["member_edu"]]).encode()
        self._inserts = [(self._rows_of(start, end), end - start) for start, end in dataset.commits()]
        key = data.ID_CARD
        self._updates = [(data.csv_text([[dataset.members[place][key], code] for place, code in changes]).encode(),
                          len(changes)) for changes in dataset.update_commits()]
        self._stream = None

    def _rows_of(self, start, end):
        members, education = self.dataset.members, self.dataset.education
        return data.csv_text([members[place] + education[place][1:] for place in range(start, end)]).encode()

    def _commit(self, number, commits, entity, head, records):
        """Sends one commit of the stream; the last waits for all."""
        if number == 0:
            self._stream = Stream(self._home("leaf") + ".sock", entity, head, commits[0][1])
        self._stream.commit(commits[number][0])
        if number == len(commits) - 1:
            self._stream.finish([records * count for _, count in commits])

    def insert(self, number):
        self._commit(number, self._inserts, "member", self._head, 2)

    def insert_one(self, place):
        text = self._member_head + data.csv_text(self.dataset.members[place:place + 1]).encode()
        self._leaf.load("member", text, 1)

    def finish_latency(self):
        start, end = self.dataset.bulk, self.dataset.rows
        text = self._education_head + data.csv_text(self.dataset.education[start:end]).encode()
        self._leaf.load("member_edu", text, end - start)

    def update(self, number):
        head = data.csv_text([[self.dataset.heads["member"][data.ID_CARD], self.dataset.heads["member"][data.JOB]]])
        self._commit(number, self._updates, "member", head.encode(), 1)

    def at_top(self, key):
        # A question asks for complete indexes first, so an answer means: index cursor = apply cursor.
        return self._top.call("GET", f"/v1/records/member/{key}")[0] == 200

    def top_count(self):
        rows = self._rows(self._top)
        return rows.get("member", 0), rows.get("member_edu", 0)

    def updates_at_top(self):
        status = self._leaf.get("/v1/status")
        if status["rootSequence"] < status["sequence"]:
            return False
        place, code = self.dataset.updates[-1]
        answer = self._top.get(f"/v1/records/member/{self.dataset.members[place][data.ID_CARD]}")
        names = [column["name"] for column in answer["columns"]]
        record, item, value = (names.index(name) for name in ("record", "item", "value"))
        found = [row[value] for row in answer["rows"] if row[record] == "member" and row[item] == "job_code"]
        if not found:
            raise Unfit(f"xylemd: a member without job_code: {answer['rows']}")
        return found == [code]

    def ask(self, name):
        dataset = self.dataset
        block = ["decade(birth_date)", "sex", "nation", "edu.highest"]
        question = {
            "group_by": {"entity": "member", "by": ["sex", "edu.highest"]},
            "cell_block_counts": {"entity": "member", "by": block},
            "cell_block": {"entity": "member", "by": block, "mean": ["year(join_date)"]},
            "subtree": {"entity": "member", "by": ["edu.highest"], "under": dataset.county},
            "stale_villages": {
                "entity": "org", "with": ["host_unit_ids: unit_category = '16'"],
                "without": [f"member: join_date >= {dataset.since}"], "select": ["org_code"], "limit": 100000},
            "people": {"people": [{"name": one, "birthDate": born} for one, born in dataset.people]},
            "jobs_before": {"entity": "member", "by": ["job_code"]},
            "jobs_after": {"entity": "member", "by": ["job_code"]},
        }[name]
        rows = self._top.query(question)
        return [row[:3] for row in rows] if name == "people" else rows

    def disk_bytes(self):
        # RocksDB's write-ahead log is recycled space, as pg_wal is; Xylem's own log of frames counts.
        path = os.path.join(self._home("top"), "rocks")
        logs = sum(os.stat(os.path.join(path, name)).st_blocks * 512 for name in os.listdir(path)
                   if name.endswith(".log"))
        return tree_bytes(self._home("top")) - logs

    def bootstrap(self):
        self.servers.stop(self.levels[2])
        wanted = (self.dataset.rows, self.dataset.rows)
        began = time.perf_counter()
        process, self._top = self._serve("top", "fresh")
        last = self.dataset.members[-1][data.ID_CARD]
        wait_until("the fresh top", lambda: self.top_count() == wanted and self.at_top(last), 1800, 0.02)
        applied = self._middle.get("/v1/status")
        wait_until("the whole log", lambda: self._middle.get("/v1/status")["backlog"] == 0, 600, 0.02)
        self.levels[2] = process
        self.notes.append(f"bootstrap replayed {applied['applied']} frames, updates among them")
        return time.perf_counter() - began
