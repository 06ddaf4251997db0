"""Bare RocksDB by its own db_bench: puts of bytes as large as a member with education, in batches of 200, synced."""
import os
import re
import subprocess

from dataset import csv_text
from install import packages
from machine import Unfit, tree_bytes

KEY_BYTES = 29


class BareRocks:
    name = "rocksdb"

    def __init__(self, directory, dataset, servers, tools):
        packages("db_bench", "db_bench", ["rocksdb-tools"])
        self._directory, self._dataset = directory, dataset
        sample = dataset.bulk // 2
        text = csv_text(dataset.sql_members(0, sample)) + csv_text(dataset.sql_education(0, sample))
        self._value = len(text.encode()) // sample
        self.settings = [f"value_size = {self._value} (a member with education as CSV)", f"key_size = {KEY_BYTES}",
                         "batch_size = 200", "sync = true", "compression_type = zstd", "threads = 1"]
        self.notes = ["one store, no indexes, no replication: the floor under inserts"]

    def run(self, result, texts):
        store = os.path.join(self._directory, "store")
        done = subprocess.run(
            ["db_bench", "--benchmarks=fillrandom", f"--num={self._dataset.bulk}", f"--key_size={KEY_BYTES}",
             f"--value_size={self._value}", "--batch_size=200", "--sync=1", "--compression_type=zstd", "--threads=1",
             f"--db={store}", "--disable_wal=0"], capture_output=True, text=True, check=False)
        found = re.search(r"fillrandom\s*:.*?([\d.]+) ops/sec", done.stdout)
        if done.returncode != 0 or not found:
            raise Unfit(f"db_bench: {(done.stderr + done.stdout).strip()[-500:]}")
        result["insert_rows_per_second"] = round(float(found.group(1)))
        logs = {name for name in os.listdir(store) if name.endswith(".log")}
        result["disk_bytes_per_row"] = round(tree_bytes(store, logs) / self._dataset.bulk, 1) or None
