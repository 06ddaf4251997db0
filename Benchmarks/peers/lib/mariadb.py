"""MariaDB 10.11 with MyRocks: three servers chained by row binlog, compressed, tuned by its manual ("MyRocks and
Replication", "MyRocks Performance Troubleshooting", "Parallel Replication")."""
import os
import subprocess
import time

import dataset as data
import questions
from install import packages, unpacked
from machine import Unfit, tree_bytes
from processes import free_ports, wait_until
from sqlchain import SQLChain
from wire import MariaDB as Session

SERVER = "/usr/sbin/mariadbd"
SYSTEM_TABLES = "/usr/share/mysql"
SETTINGS = {
    "default_storage_engine": "ROCKSDB", "character_set_server": "utf8mb4", "collation_server": "utf8mb4_bin",
    "rocksdb_flush_log_at_trx_commit": "1", "sync_binlog": "1", "binlog_format": "ROW", "binlog_row_image": "MINIMAL",
    "log_bin_compress": "ON", "log_bin_compress_min_len": "10", "gtid_strict_mode": "ON",
    "slave_parallel_threads": "2", "slave_parallel_mode": "optimistic", "transaction_isolation": "READ-COMMITTED",
    "rocksdb_block_cache_size": "1G", "rocksdb_max_total_wal_size": "512M", "rocksdb_max_background_jobs": "2",
    "rocksdb_default_cf_options": "write_buffer_size=64m;target_file_size_base=32m;compression=kLZ4Compression;"
                                  "bottommost_compression=kZSTD;block_based_table_factory={block_size=16384;"
                                  "filter_policy=bloomfilter:10:false};level_compaction_dynamic_level_bytes=true",
    "innodb_buffer_pool_size": "32M", "innodb_log_file_size": "16M", "performance_schema": "OFF",
    "max_allowed_packet": "64M", "net_read_timeout": "600", "net_write_timeout": "600",
}
TYPES = {"text": "varchar(200)", "date": "date", "bool": "boolean", "int": "int"}


def create(indexes):
    """The tables, with their secondary keys or without."""
    def columns(table):
        return ", ".join(f"{name} {'varchar(40)' if name in ('name', 'id_card', 'mobile', 'branch_code') else TYPES[kind]}"
                         for name, kind in table)
    keys = "".join(f", key {name} ({items})" for name, _, items in data.INDEXES) if indexes else ""
    return (f"create table member ({columns(data.MEMBER)}, primary key (id_card){keys});"
            f"create table member_edu ({columns(data.EDUCATION)}, primary key (id_card, edu_no));"
            "create table org (org_code varchar(40) primary key, superior varchar(40), place int, last_place int);"
            "create table org_unit (org_code varchar(40), unit varchar(40), unit_category varchar(8), "
            "primary key (org_code, unit))")


def literal(cell, kind):
    if cell == "":
        return "null"
    return cell if kind in ("bool", "int") else questions.quoted(cell.replace("\\", "\\\\"))


def values(rows, columns):
    return ",".join("(" + ",".join(literal(cell, kind) for cell, (_, kind) in zip(row, columns)) + ")" for row in rows)


class MariaDB(SQLChain):
    analyze = "analyze table member, member_edu, org, org_unit"
    name, title = "mariadb", "MariaDB 10.11 MyRocks"

    def __init__(self, directory, dataset, servers, tools):
        super().__init__(directory, dataset, servers)
        packages("MariaDB", SERVER, ["mariadb-server-core"])
        for library in ("libsnappy.so.1", "liblz4.so.1", "libzstd.so.1"):
            package = {"libsnappy.so.1": "libsnappy1v5", "liblz4.so.1": "liblz4-1", "libzstd.so.1": "libzstd1"}[library]
            known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=False).stdout
            if library not in known:
                packages(library, "/nonexistent", [package])
        self._plugins = os.path.join(unpacked("mariadb-plugin-rocksdb", tools.directory), "usr/lib/mysql/plugin")
        self._ports = free_ports(3)
        self._sql = questions.sql("mariadb", dataset)
        version = subprocess.run([SERVER, "--version"], capture_output=True, text=True, check=True)
        self.settings.append(version.stdout.strip())
        self.settings += [f"{key} = {value}" for key, value in SETTINGS.items()]
        self.notes.append("an update commit is one statement over 200 rows")

    def _start_one(self, number, level):
        home = os.path.join(self.directory, level)
        os.makedirs(home)
        options = [SERVER, "--no-defaults", f"--datadir={home}", f"--plugin-dir={self._plugins}", "--skip-grant-tables"]
        if os.geteuid() == 0:
            options.append("--user=root")
        tables = "create database mysql;\nuse mysql;\n"
        for name in ("mysql_system_tables.sql", "mysql_system_tables_data.sql"):
            with open(os.path.join(SYSTEM_TABLES, name), encoding="utf-8") as file:
                tables += "".join(line for line in file if not line.startswith("--"))
        with open(os.path.join(self.directory, level + ".log"), "ab") as log:
            subprocess.run(options + ["--bootstrap", "--innodb-log-file-size=16M"], input=tables.encode(), check=True,
                           stdout=log, stderr=log)
        options += ["--plugin-load-add=ha_rocksdb.so", "--bind-address=127.0.0.1", f"--port={self._ports[number]}",
                    f"--socket={self.directory}/{level}.sock", f"--server-id={number + 1}", f"--pid-file={home}/pid"]
        options += [f"--{key.replace('_', '-')}={value}" for key, value in SETTINGS.items()]
        if level != "top":
            options += [f"--log-bin={home}/binlog", "--log-slave-updates=ON"]
        process = self.servers.start(options, level + ".log")
        path = f"{self.directory}/{level}.sock"
        wait_until(f"mariadbd ({level}.log)", lambda: Session(path).query("select 1"), 60)
        session = Session(path)
        session.query("set names utf8mb4 collate utf8mb4_bin")
        return process, session

    def start(self):
        leaf, self._leaf = self._start_one(0, "leaf")
        middle, self._middle = self._start_one(1, "middle")
        top, self._top = self._start_one(2, "top")
        self.levels = [leaf, middle, top]
        for session, port in ((self._middle, self._ports[0]), (self._top, self._ports[1])):
            session.query(f"change master to master_host = '127.0.0.1', master_port = {port}, master_user = 'root', "
                          "master_use_gtid = slave_pos, master_connect_retry = 1; start slave")
        self._leaf.query("create database city; use city; " + create(indexes=True))
        for session in (self._middle, self._top):
            wait_until("tables", lambda: self._has_tables(session), 60)

    @staticmethod
    def _has_tables(session):
        try:
            return session.query("use city; select count(*) from org_unit") == [["0"]]
        except Unfit:
            return False

    def load(self):
        text = [("x", "text")]
        orgs, units = text * 2 + [("x", "int")] * 2, text * 3
        rows = [[str(cell) for cell in row] for row in self.dataset.orgs]
        for start in range(0, len(rows), 5000):
            self._leaf.query("insert into org values " + values(rows[start:start + 5000], orgs))
        hosts = self.dataset.org_units
        for start in range(0, len(hosts), 5000):
            self._leaf.query("insert into org_unit values " + values(hosts[start:start + 5000], units))
        wait_until("organisations at the top",
                   lambda: self._top.query("select count(*) from org_unit") == [[str(len(hosts))]])

    def prepare(self):
        dataset = self.dataset
        self._inserts = [("begin; insert into member values " + self._members(start, end) +
                          "; insert into member_edu values " + self._education(start, end) + "; commit").encode()
                         for start, end in dataset.commits()]
        self._updates = []
        for changes in dataset.update_commits():
            rows = ",".join(f"('{dataset.members[place][data.ID_CARD]}','{code}')" for place, code in changes)
            self._updates.append((f"update member m join (with v (id, code) as (values {rows}) select * from v) t "
                                  "on m.id_card = t.id set m.job_code = t.code").encode())

    def _members(self, start, end):
        return values(self.dataset.sql_members(start, end), data.MEMBER)

    def _education(self, start, end):
        return values(self.dataset.sql_education(start, end), data.EDUCATION)

    def insert(self, number):
        self._leaf.send(self._inserts[number])

    def insert_one(self, place):
        self._leaf.query("insert into member values " + self._members(place, place + 1))

    def finish_latency(self):
        self._leaf.query("insert into member_edu values " + self._education(self.dataset.bulk, self.dataset.rows))

    def disk_bytes(self):
        self._top.query("set global rocksdb_force_flush_memtable_now = 1; set global rocksdb_compact_cf = 'default'")
        time.sleep(3)
        path = os.path.join(self.directory, "top", "#rocksdb")
        return tree_bytes(path, {name for name in os.listdir(path) if name.endswith(".log")})

    def bootstrap(self):
        began = time.perf_counter()
        self._top.query("set sql_log_bin = 0; create database fresh; use fresh; " + create(indexes=False))
        self._top.query("set rocksdb_bulk_load = 1")
        for table in ("member", "member_edu"):
            path = os.path.join(self.directory, f"{table}.dump")
            self._middle.query(f"select * from {table} order by id_card into outfile '{path}' character set utf8mb4")
            self._top.query(f"load data infile '{path}' into table {table} character set utf8mb4")
        self._top.query("set rocksdb_bulk_load = 0")
        keys = ", ".join(f"add key {name} ({items})" for name, _, items in data.INDEXES)
        self._top.query(f"alter table member {keys}")
        if self._top.query("select count(*) from member") != [[str(self.dataset.rows)]]:
            raise Unfit("MariaDB: the first copy is not whole")
        self.notes.append("bootstrap: a dump by the middle in key order, loaded in bulk, indexes after")
        return time.perf_counter() - began
