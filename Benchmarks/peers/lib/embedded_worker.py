"""Runs SQLite or DuckDB over a task file and prints figures as JSON. A process of its own; see embedded.py."""
import json
import os
import statistics
import sys
import time

COMMIT_ROWS = 200
CACHE_KIB = 65536


def memory_bytes(name):
    """VmRSS or VmHWM of this process."""
    with open("/proc/self/status", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    return 0


class SQLiteEngine:
    # Members whose insertion in commits of 200 is timed; None for all.
    timed_rows = None

    def __init__(self, path):
        import sqlite3
        self.settings = [f"SQLite {sqlite3.sqlite_version}", "journal_mode = wal", "synchronous = full",
                         f"cache_size = -{CACHE_KIB}", "wal_autocheckpoint = 10000"]
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = wal", "synchronous = full", f"cache_size = -{CACHE_KIB}",
                       "wal_autocheckpoint = 10000"):
            self._connection.execute("pragma " + pragma)
        self.many = self._connection.executemany

    def execute(self, text):
        return self._connection.execute(text).fetchall()

    def insert(self, table, rows):
        self.many(f"insert into {table} values ({','.join('?' * len(rows[0]))})", rows)

    def update(self, rows):
        self.many("update member set job_code = ?2 where id_card = ?1", rows)

    def load_rest(self, table, rows):
        self.execute("begin")
        self.insert(table, rows)
        self.execute("commit")

    def settle(self):
        self.execute("pragma optimize")
        self.execute("analyze")
        self.execute("pragma wal_checkpoint(truncate)")


class DuckEngine:
    # Small commits are not what it is for: all of them would take ten minutes.
    timed_rows = 20_000

    def __init__(self, path):
        import duckdb
        self._path = path
        self._connection = duckdb.connect(path)
        threads = len(os.sched_getaffinity(0))
        self._connection.execute(f"set threads = {threads}")
        self.settings = [f"DuckDB {duckdb.__version__}", f"threads = {threads}"]

    def execute(self, text):
        return self._connection.execute(text).fetchall()

    @staticmethod
    def _literal(cell):
        if cell is None:
            return "null"
        if isinstance(cell, (bool, int)):
            return str(cell).lower()
        return "'" + cell.replace("'", "''") + "'"

    def insert(self, table, rows):
        # One statement a commit: prepared single rows took twelve times as long.
        values = ",".join("(" + ",".join(map(self._literal, row)) + ")" for row in rows)
        self._connection.execute(f"insert into {table} values {values}")

    def update(self, rows):
        values = ",".join(f"('{key}','{code}')" for key, code in rows)
        self._connection.execute(
            f"update member set job_code = v.code from (values {values}) v(id, code) where member.id_card = v.id")

    def _file(self, rows):
        """Rows as a CSV file in which nothing between commas is null; it is read at once, as the manual advises."""
        import csv
        path = self._path + ".csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        columns = ", ".join(f"'c{place}': 'varchar'" for place in range(len(rows[0])))
        return (f"read_csv('{path}', header = false, nullstr = '', auto_detect = false, delim = ',', quote = '\"', "
                f"escape = '\"', columns = {{{columns}}})")

    def load_rest(self, table, rows):
        if rows:
            self.execute(f"insert into {table} select * from {self._file(rows)}")
            os.unlink(self._path + ".csv")

    def update_rest(self, rows):
        self.execute(f"update member set job_code = v.c1 from {self._file(rows)} v where member.id_card = v.c0")
        os.unlink(self._path + ".csv")

    def settle(self):
        self.execute("checkpoint")


def load(engine, members, education):
    """One commit of members with their education."""
    engine.execute("begin")
    engine.insert("member", members)
    engine.insert("member_edu", education)
    engine.execute("commit")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    store = os.path.join(task["directory"], "store")
    os.makedirs(store)
    make = SQLiteEngine if task["engine"] == "sqlite" else DuckEngine
    before_memory = memory_bytes("VmRSS")
    # Forgets the peak that reading the task made (proc(5), clear_refs).
    with open("/proc/self/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")
    engine = make(os.path.join(store, "city.db"))
    for statement in task["schema"]:
        engine.execute(statement)
    engine.execute("begin")
    engine.insert("org", task["orgs"])
    engine.insert("org_unit", task["org_units"])
    engine.execute("commit")
    out = {"settings": engine.settings, "notes": [], "answers": {}}
    members, education, bulk = task["members"], task["education"], task["bulk"]
    timed = min(bulk, engine.timed_rows or bulk)
    began = time.perf_counter()
    for start in range(0, timed, COMMIT_ROWS):
        load(engine, members[start:min(start + COMMIT_ROWS, timed)], education[start:min(start + COMMIT_ROWS, timed)])
    out["insert_rows_per_second"] = round(timed / (time.perf_counter() - began))
    if timed < bulk:
        out["notes"].append(f"inserts, updates: the rate of the first {timed}; the others came at once")
    engine.load_rest("member", members[timed:])
    engine.load_rest("member_edu", education[timed:])
    engine.settle()
    joined = dict(task["questions"])
    if task["flat_questions"]:
        engine.execute("create table member_flat as select m.*, e.edu_code from member m left join member_edu e "
                       "on e.id_card = m.id_card and e.is_highest")
        engine.execute("checkpoint")
        out["notes"].append("times of the blocks over one flat table with its highest education; over the two tables: " +
                            ", ".join(f"{name} {ask(engine, joined[name], task['repeats'])[0]:.1f} ms" for name in
                                      ("group_by", "cell_block", "subtree")))
        joined.update(task["flat_questions"])
    for name, key in task["timed"].items():
        milliseconds, rows = ask(engine, joined[name], task["repeats"])
        out[key] = round(milliseconds, 2)
        if name != "cell_block":
            out["answers"][name] = [[None if cell is None else str(cell) for cell in row] for row in rows]
    out["answers"]["jobs_before"] = ask(engine, task["questions"]["jobs_before"], 1)[1]
    if task["flat_questions"]:
        engine.execute("drop table member_flat")
    updates = task["updates"]
    timed = min(len(updates), engine.timed_rows or len(updates))
    began = time.perf_counter()
    for start in range(0, timed, COMMIT_ROWS):
        engine.execute("begin")
        engine.update(updates[start:min(start + COMMIT_ROWS, timed)])
        engine.execute("commit")
    out["update_rows_per_second"] = round(timed / (time.perf_counter() - began))
    if timed < len(updates):
        engine.update_rest(updates[timed:])
    out["answers"]["jobs_after"] = ask(engine, task["questions"]["jobs_after"], 1)[1]
    engine.settle()
    # The task itself is held by this process: what the engine added is what counts.
    out["memory_mb"] = round((memory_bytes("VmHWM") - before_memory) / 1e6, 1)
    print(json.dumps(out))


def ask(engine, text, repeats):
    """Median milliseconds after one warm-up, and the rows."""
    rows = engine.execute(text)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        engine.execute(text)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), rows


main()
