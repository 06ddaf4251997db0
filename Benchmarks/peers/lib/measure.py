"""One system's run, the same steps for all.

load      organisations and units, off the clock
insert    commits of 200 members with their education; the clock stops when an indexed query at the top finds the last
latency   one member a commit, from the call at the owner until an indexed query at the top finds it
questions each asked once to warm up, then timed; answers become canonical texts
update    `job_code` of every member whose rules allow another, in commits of 200, as the bulk above
bootstrap an empty top filled by whatever the system has for that
"""
import statistics
import time
import typing

import processes
import questions
from machine import say

# After the last row is at the top, acknowledgements are still under way.
SETTLE_SECONDS = 1.0


class System:
    """What a replicated system does for its run. Levels are leaf, middle, top."""

    name = ""
    title = ""
    has_questions = True

    def __init__(self, directory, dataset, servers):
        self.directory, self.dataset, self.servers = directory, dataset, servers
        self.settings, self.notes = [], []
        self.levels = []

    def start(self): """Starts three chained servers."""
    def load(self): """Brings organisations and units to the top."""
    def prepare(self): """Encodes the commits, off the clock."""
    def insert(self, number): """One commit of 200 members with their education; durable on return."""
    def insert_one(self, place): """One member without education in one commit; durable on return."""
    def finish_latency(self): """The education of the members that came one by one."""
    def update(self, number): """One commit of 200 changed job codes; durable on return."""
    def at_top(self, key): """Whether an indexed query at the top finds the member with this citizen number."""
    def top_count(self): """(members, education) at the top."""
    def updates_at_top(self): """Whether the top has every update."""
    def ask(self, name): """Rows of a question's answer at the top."""
    def bootstrap(self): """Fills an empty top; seconds."""
    def disk_bytes(self): """Bytes of the top's data."""


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def timed(work):
    before = time.perf_counter()
    answer = work()
    return (time.perf_counter() - before) * 1000, answer


class Drive(typing.NamedTuple):
    """What a run of commits took."""

    seconds: float
    loader_seconds: float
    wire_bytes: int
    # Processor seconds of leaf, middle and top.
    cpu_seconds: list
    # Cores that strangers to this benchmark kept busy meanwhile: above 0.2 or so the figures are too low.
    strangers_cores: float


def tell(result, what, count, drive):
    """The figures of a run of `count` rows."""
    result[f"{what}_rows_per_second"] = round(count / drive.seconds)
    result[f"{what}_loader_rows_per_second"] = round(count / drive.loader_seconds)
    result[f"{what}_wire_bytes"] = round(drive.wire_bytes / count / 2, 1)
    result[f"{what}_cpu_seconds"] = drive.cpu_seconds
    result[f"{what}_strangers_cores"] = drive.strangers_cores
    say(f"    {result[f'{what}_rows_per_second']} a second, {result[f'{what}_wire_bytes']} bytes a link")


def drive(system, count, commit, arrived, what):
    """A run of commits, until the last is at the top."""
    wire = system.servers.wire_bytes()
    cpu = [processes.cpu_seconds(process.pid) for process in system.levels]
    busy, own = processes.machine_seconds(), time.process_time()
    started = time.perf_counter()
    told = started
    for number in range(count):
        commit(number)
        if time.perf_counter() - told > 10:
            told = time.perf_counter()
            say(f"    {what}: {number + 1} of {count} commits in {told - started:.0f} s")
    loader = time.perf_counter() - started
    processes.wait_until(f"the last {what} at the top", arrived, seconds=1800, pause=0.005)
    whole = time.perf_counter() - started
    busy, own = processes.machine_seconds() - busy, time.process_time() - own
    time.sleep(SETTLE_SECONDS)
    used = [round(processes.cpu_seconds(process.pid) - old, 1) for process, old in zip(system.levels, cpu)]
    strangers = round(max(0, busy - own - sum(used)) / whole, 2)
    return Drive(whole, loader, system.servers.wire_bytes() - wire, used, strangers)


def ask_all(system, result, texts, jobs):
    for name in list(questions.KEYS) + [jobs]:
        rows = system.ask(name)
        if rows is None:
            continue
        texts[name] = questions.canonical(rows)
        if name in questions.KEYS:
            times = [timed(lambda: system.ask(name))[0] for _ in range(questions.REPEATS)]
            result[questions.KEYS[name]] = round(statistics.median(times), 2)


def latency(system, result):
    dataset, times = system.dataset, []
    for place in range(dataset.bulk, dataset.rows):
        key = dataset.members[place][3]
        before = time.perf_counter()
        system.insert_one(place)
        while not system.at_top(key):
            time.sleep(0.0001)
        times.append((time.perf_counter() - before) * 1000)
    system.finish_latency()
    result["latency_ms_p50"] = round(percentile(times, 0.5), 2)
    result["latency_ms_p99"] = round(percentile(times, 0.99), 2)


def run(system, result, texts):
    """Fills `result` with figures and `texts` with the answers' canonical texts."""
    dataset = system.dataset
    say("  starting three servers")
    system.start()
    system.load()
    system.prepare()
    commits, updates = dataset.commits(), dataset.update_commits()
    result["settings"] = system.settings
    result["rows"], result["updates"] = dataset.bulk, len(dataset.updates)
    last = dataset.members[dataset.bulk - 1][3]
    say(f"  inserting {dataset.bulk} members with education in {len(commits)} commits")
    with processes.MemoryWatch(system.levels[-1].pid) as memory:
        arrived = lambda: system.top_count() == (dataset.bulk, dataset.bulk) and system.at_top(last)
        tell(result, "insert", dataset.bulk, drive(system, len(commits), system.insert, arrived, "insert"))
        say("  latency")
        latency(system, result)
        processes.wait_until("the education of the last members", lambda: system.top_count() == (
            dataset.rows, dataset.rows))
        if system.has_questions:
            say("  questions")
            ask_all(system, result, texts, "jobs_before")
        say(f"  updating {len(dataset.updates)} members in {len(updates)} commits")
        tell(result, "update", len(dataset.updates),
             drive(system, len(updates), system.update, system.updates_at_top, "update"))
        if system.has_questions:
            texts["jobs_after"] = questions.canonical(system.ask("jobs_after"))
    result["memory_mb"] = round(memory.peak / 1e6, 1)
    result["disk_bytes_per_row"] = round(system.disk_bytes() / dataset.rows, 1)
    say("  bootstrap")
    seconds = system.bootstrap()
    if seconds:
        result["bootstrap_rows_per_second"] = round(dataset.rows / seconds)
