"""Servers of one system: started in a network namespace of their own, measured, and stopped whatever happens.

1. Every process started here ends here: on return, on an exception, on Ctrl-C, on SIGTERM.
2. Loaders and questions go through Unix sockets, so the namespace's loopback device carries the links and nothing else.
   Its counters are the kernel's: every packet of both directions once, with IP and TCP headers and acknowledgements.
3. Without the right to make a namespace the host's loopback device is counted, and the report says so.
"""
import os
import signal
import subprocess
import sys
import threading
import time

from machine import Unfit

LO_UP = """
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    flags = struct.unpack('16sh', fcntl.ioctl(s, 0x8913, struct.pack('16sh', b'lo', 0)))[1]
    fcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', flags | 1))
"""


def descendants(pid):
    """The process and all below it."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parents.setdefault(int(file.read().rsplit(")", 1)[1].split()[1]), []).append(int(name))
            except (OSError, IndexError):
                continue
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def shared_memory_bytes(pid):
    """Proportional set size of a process and all below it: shared pages are counted once."""
    total = 0
    for one in descendants(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup", encoding="utf-8") as lines:
                total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        except OSError:
            continue
    return total


def cpu_seconds(pid):
    """Processor time of a process and all that lives below it; time of children that ended and were waited for counts."""
    ticks = 0
    for one in descendants(pid):
        try:
            with open(f"/proc/{one}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            ticks += sum(int(field) for field in fields[11:15])
        except (OSError, IndexError):
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_seconds():
    """Processor time that everything on the machine has used, this script included."""
    with open("/proc/stat", encoding="utf-8") as lines:
        fields = [int(field) for field in lines.readline().split()[1:9]]
    # user nice system idle iowait irq softirq steal: what is neither idle nor waiting for a disk.
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


class MemoryWatch:
    """The largest proportional set size of one server while it is watched."""

    def __init__(self, pid):
        self.peak = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while True:
            self.peak = max(self.peak, shared_memory_bytes(self._pid))
            if self._ended.wait(2):
                return

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


class Servers:
    """The processes of one system and their network."""

    def __init__(self, directory):
        self.directory = directory
        self._started = []
        self._holder = None
        self._notes = []
        self._make_namespace()

    @property
    def notes(self):
        return self._notes

    def _make_namespace(self):
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        own = os.readlink("/proc/self/ns/net")
        for _ in range(100):
            if holder.poll() is not None:
                break
            try:
                if os.readlink(f"/proc/{holder.pid}/ns/net") != own:
                    self._holder = holder
                    subprocess.run(self.inside([sys.executable, "-c", LO_UP]), check=True)
                    return
            except OSError:
                break
            time.sleep(0.02)
        if holder.poll() is None:
            holder.kill()
        holder.wait()
        self._notes.append("no network namespace (not root): bytes are those of the host's loopback device")

    @property
    def namespace(self):
        """A process that lives in the namespace; None when there is none."""
        return self._holder.pid if self._holder else None

    def inside(self, command):
        """The command as it runs in the namespace."""
        return ["nsenter", "-t", str(self._holder.pid), "-n", "--"] + command if self._holder else command

    def start(self, command, log, environment=None):
        """Starts a server; its output goes to a file."""
        with open(os.path.join(self.directory, log), "ab") as output:
            process = subprocess.Popen(self.inside(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                       start_new_session=True, env=environment)
        self._started.append(process)
        return process

    def stop(self, process, how=signal.SIGTERM, seconds=60):
        """Asks one server to end and waits; kills it when it does not."""
        if process in self._started:
            self._started.remove(process)
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()

    def stop_all(self, how=signal.SIGTERM):
        """Ends every server, the last started first, then the namespace."""
        for process in reversed(list(self._started)):
            self.stop(process, how)
        if self._holder:
            self._holder.kill()
            self._holder.wait()
            self._holder = None

    def wire_bytes(self):
        """Bytes the loopback device has carried."""
        path = f"/proc/{self._holder.pid}/net/dev" if self._holder else "/proc/net/dev"
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                name, _, rest = line.partition(":")
                if name.strip() == "lo":
                    return int(rest.split()[0])
        raise Unfit("no loopback device")


def wait_until(what, test, seconds=120, pause=0.05):
    """Returns when `test` is true; says what it waited for when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if test():
                return
        except (OSError, ConnectionError):
            pass
        if time.monotonic() > deadline:
            raise Unfit(f"waited {seconds} s for {what}")
        time.sleep(pause)


def free_ports(count):
    """Ports that nobody listened on a moment ago."""
    import socket
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
