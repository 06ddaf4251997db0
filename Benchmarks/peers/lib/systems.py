"""Which systems there are. A system's module is loaded when it is asked for."""
import importlib

# Name → (module, class).
CLASSES = {
    "xylem": ("xylem", "Xylem"), "postgresql": ("postgres", "Postgres"), "mariadb": ("mariadb", "MariaDB"),
    "duckdb": ("embedded", "DuckDB"), "sqlite": ("embedded", "SQLite"), "nats": ("nats", "Nats"),
    "rocksdb": ("rocks", "BareRocks"),
}
NAMES = list(CLASSES)


class Tools:
    """Where programs are, and where what is installed for the benchmark goes."""

    def __init__(self, binaries, directory):
        self.binaries, self.directory = binaries, directory


def make(name, directory, dataset, servers, tools):
    """The system of a name of `NAMES`."""
    module, kind = CLASSES[name]
    return getattr(importlib.import_module(module), kind)(directory, dataset, servers, tools)
