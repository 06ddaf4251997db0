"""PostgreSQL 15: three servers chained by logical replication, tuned by its manual ("Resource Consumption",
"Write Ahead Log", "Populating a Database")."""
import os
import shutil
import signal
import subprocess
import time

import dataset as data
import questions
from install import packages
from machine import Unfit, tree_bytes
from processes import free_ports, wait_until
from sqlchain import SQLChain
from wire import Postgres as Session

SETTINGS = {
    "listen_addresses": "'127.0.0.1'", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
    "wal_level": "logical", "wal_compression": "lz4", "shared_buffers": "'1GB'", "effective_cache_size": "'4GB'",
    "work_mem": "'64MB'", "maintenance_work_mem": "'256MB'", "max_wal_size": "'8GB'", "min_wal_size": "'1GB'",
    "checkpoint_timeout": "'15min'", "checkpoint_completion_target": "0.9", "random_page_cost": "1.1",
    "effective_io_concurrency": "200", "jit": "off", "max_wal_senders": "8", "max_replication_slots": "8",
    "max_logical_replication_workers": "6", "max_parallel_workers_per_gather": "1", "logging_collector": "off",
}
TYPES = {"text": "text collate \"C\"", "date": "date", "bool": "boolean", "int": "integer"}


def columns(table):
    return ", ".join(f"{name} {TYPES[kind]}" for name, kind in table)


# Updates of job_code touch no index: room in each page lets them stay heap-only (manual, "Heap-Only Tuples").
TABLES = (
    f"create table member ({columns(data.MEMBER)}, primary key (id_card)) with (fillfactor = 90);"
    f"create table member_edu ({columns(data.EDUCATION)}, primary key (id_card, edu_no));"
    "create table org (org_code text collate \"C\" primary key, superior text collate \"C\", place int, last_place int);"
    "create table org_unit (org_code text collate \"C\", unit text collate \"C\", unit_category text collate \"C\", "
    "primary key (org_code, unit))")
# The catalog leaves a record out of an index whose first item it lacks.
INDEXES = ";".join(f"create index {name} on {table} ({items})" + (" where mobile is not null" if "mobile" in name else "")
                   for name, table, items in data.INDEXES)


class Postgres(SQLChain):
    analyze = "vacuum analyze"
    name, title = "postgresql", "PostgreSQL 15"
    dialect = "postgres"

    def __init__(self, directory, dataset, servers, tools):
        super().__init__(directory, dataset, servers)
        self._binaries = "/usr/lib/postgresql/15/bin"
        packages("PostgreSQL", f"{self._binaries}/postgres", ["postgresql-15"])
        self._ports = free_ports(3)
        self._user = "postgres" if os.geteuid() == 0 else os.environ.get("USER", "postgres")
        self._sql = questions.sql(self.dialect, dataset)
        version = subprocess.run([f"{self._binaries}/postgres", "--version"], capture_output=True, text=True, check=True)
        self.settings.append(version.stdout.strip())
        self.settings += [f"{key} = {value}" for key, value in SETTINGS.items()]
        self.settings.append("subscriptions: synchronous_commit = on, binary = true; member: fillfactor = 90")
        self.notes += ["job_code has no index in the catalog, so none here: updates are heap-only where a page has room"]

    def _as_user(self, command):
        """The server refuses to run as root."""
        if os.geteuid() != 0:
            return command
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"] + command

    def _start_one(self, level, port):
        home = os.path.join(self.directory, level)
        os.makedirs(home)
        if os.geteuid() == 0:
            shutil.chown(home, "postgres", "postgres")
            shutil.chown(self.directory, "postgres", "postgres")
        subprocess.run(self._as_user([f"{self._binaries}/initdb", "-D", home, "-A", "trust", "-U", self._user, "-E", "UTF8",
                                      "--locale", "C.UTF-8", "--no-sync"]), check=True, stdout=subprocess.DEVNULL,
                       cwd="/")
        with open(os.path.join(home, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in SETTINGS.items())
            file.write(f"port = {port}\nunix_socket_directories = '{self.directory}'\n")
        process = self.servers.start(self._as_user([f"{self._binaries}/postgres", "-D", home]), level + ".log")
        wait_until(f"postgres ({level}.log)", lambda: self._ready(port), 60)
        return process, self._session(port)

    def _session(self, port, database="postgres"):
        return Session(self.directory, port, database, self._user)

    def _ready(self, port):
        try:
            return bool(self._session(port).query("select 1"))
        except Unfit:
            return False

    def start(self):
        leaf, self._leaf = self._start_one("leaf", self._ports[0])
        middle, self._middle = self._start_one("middle", self._ports[1])
        top, self._top = self._start_one("top", self._ports[2])
        self.levels = [leaf, middle, top]
        for session in (self._leaf, self._middle, self._top):
            session.query(TABLES)
            session.query(INDEXES)
        for session in (self._leaf, self._middle):
            session.query("create publication city for all tables")
        for session, port in ((self._middle, self._ports[0]), (self._top, self._ports[1])):
            session.query(self._subscription("city", port, "city", "false"))

    def _subscription(self, name, port, publication, copy):
        return (f"create subscription {name} connection 'host=127.0.0.1 port={port} user={self._user} dbname=postgres' "
                f"publication {publication} with (copy_data = {copy}, synchronous_commit = on, binary = true, "
                f"slot_name = {name}_{port})")

    def load(self):
        dataset = self.dataset
        self._leaf.query("copy org from stdin (format csv); copy org_unit from stdin (format csv)",
                         [data.csv_text(dataset.orgs).encode(), data.csv_text(dataset.org_units).encode()])
        count = len(dataset.org_units)
        wait_until("organisations at the top",
                   lambda: self._top.query("select count(*) from org_unit") == [[str(count)]])

    def prepare(self):
        dataset = self.dataset
        self._inserts = [self._pair(start, end) for start, end in dataset.commits()]
        self._updates = []
        for changes in dataset.update_commits():
            values = ",".join(f"('{dataset.members[place][data.ID_CARD]}','{code}')" for place, code in changes)
            self._updates.append(("update member set job_code = v.code from (values " + values +
                                  ") v(id, code) where member.id_card = v.id").encode())

    def _pair(self, start, end):
        return [data.csv_text(self.dataset.sql_members(start, end)).encode(),
                data.csv_text(self.dataset.sql_education(start, end)).encode()]

    def insert(self, number):
        self._leaf.query("begin; copy member from stdin (format csv); copy member_edu from stdin (format csv); commit",
                         self._inserts[number])

    def insert_one(self, place):
        self._leaf.query("copy member from stdin (format csv)", self._pair(place, place + 1)[:1])

    def finish_latency(self):
        self._leaf.query("copy member_edu from stdin (format csv)", self._pair(self.dataset.bulk, self.dataset.rows)[1:])

    def disk_bytes(self):
        self._top.query("checkpoint")
        return tree_bytes(os.path.join(self.directory, "top", "base"))

    def bootstrap(self):
        self._top.query("create database fresh")
        fresh = self._session(self._ports[2], "fresh")
        fresh.query(TABLES)
        began = time.perf_counter()
        fresh.query(self._subscription("fresh", self._ports[1], "city", "true"))
        ready = "select count(*) from pg_subscription_rel where srsubstate <> 'r'"
        wait_until("the first copy", lambda: fresh.query(ready) == [["0"]], 1800, 0.02)
        # Indexes after the rows: the manual's advice for populating.
        fresh.query(INDEXES)
        seconds = time.perf_counter() - began
        if fresh.query("select count(*) from member") != [[str(self.dataset.rows)]]:
            raise Unfit("PostgreSQL: the first copy is not whole")
        return seconds

    how_to_stop = signal.SIGINT
