"""SQLite and DuckDB: engines in a process, without replication. They stand for the owner's commits and the questions."""
import json
import os
import subprocess

import questions
from dataset import EDUCATION, INDEXES, MEMBER
from install import environment
from machine import Unfit, say, tree_bytes

WORKER = os.path.join(os.path.dirname(os.path.realpath(__file__)), "embedded_worker.py")
KINDS = {"sqlite": {"text": "text", "date": "text", "bool": "integer", "int": "integer"},
         "duckdb": {"text": "varchar", "date": "date", "bool": "boolean", "int": "integer"}}


class Embedded:
    """Runs the worker as a process of its own, so that memory is the engine's and not this script's."""

    name = dialect = ""
    reason = "no replication: no bytes, no latency; inserts, updates and first sync are those of one store"

    def __init__(self, directory, dataset, servers, tools):
        self.directory, self.dataset, self._tools = directory, dataset, tools.directory
        self.settings, self.notes = [], [self.reason]

    def python(self):
        raise NotImplementedError

    def _schema(self):
        kinds = KINDS[self.dialect]

        def table(name, columns, key):
            return f"create table {name} (" + ", ".join(f"{one} {kinds[kind]}" for one, kind in columns) + \
                f", primary key ({key}))"
        text = kinds["text"]
        return [table("member", MEMBER, "id_card"), table("member_edu", EDUCATION, "id_card, edu_no"),
                f"create table org (org_code {text} primary key, superior {text}, place integer, last_place integer)",
                f"create table org_unit (org_code {text}, unit {text}, unit_category {text}, "
                "primary key (org_code, unit))"] + \
            [f"create index {name} on {on} ({items})" for name, on, items in INDEXES]

    def _rows(self, rows, columns):
        """Rows as the engine's own types: SQL words and empty cells are the worker's business."""
        return [[self._cell(cell, kind) for cell, (_, kind) in zip(row, columns)] for row in rows]

    def _cell(self, cell, kind):
        if cell == "":
            return None
        if kind == "bool":
            return int(cell == "true") if self.dialect == "sqlite" else cell == "true"
        return int(cell) if kind == "int" else cell

    def run(self, result, texts):
        dataset = self.dataset
        task = {
            "engine": self.dialect, "directory": self.directory, "schema": self._schema(),
            "orgs": dataset.orgs, "org_units": dataset.org_units, "bulk": dataset.bulk,
            "members": self._rows(dataset.sql_members(0, dataset.rows), MEMBER),
            "education": self._rows(dataset.sql_education(0, dataset.rows), EDUCATION),
            "updates": [[dataset.members[place][3], code] for place, code in dataset.updates],
            "questions": questions.sql(self.dialect, dataset), "timed": questions.KEYS, "repeats": questions.REPEATS,
            "flat_questions": questions.sql(self.dialect, dataset, flat=True) if self.dialect == "duckdb" else {},
        }
        path = os.path.join(self.directory, "task.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(task, file)
        del task
        say("  running")
        done = subprocess.run([self.python(), WORKER, path], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unfit(f"{self.name}: {done.stderr.strip()[-800:]}")
        answer = json.loads(done.stdout)
        os.unlink(path)
        self.settings += answer.pop("settings")
        self.notes += answer.pop("notes")
        for name, rows in answer.pop("answers").items():
            texts[name] = questions.canonical(rows)
        result.update(answer)
        result["disk_bytes_per_row"] = round(tree_bytes(os.path.join(self.directory, "store")) / dataset.rows, 1)


class SQLite(Embedded):
    name, dialect = "sqlite", "sqlite"

    def python(self):
        import sys
        return sys.executable


class DuckDB(Embedded):
    name, dialect = "duckdb", "duckdb"

    def python(self):
        return environment(self._tools, ["duckdb>=2"])
