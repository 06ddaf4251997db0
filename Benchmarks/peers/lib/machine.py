"""Facts of the machine, and the guard against a scratch directory that forgets.

A benchmark of durable commits on a file system without a working fsync measures nothing, so such a directory is refused.
"""
import ctypes
import os
import platform
import statistics
import sys
import time

# f_type of statfs(2): file systems in memory.
MEMORY_FILE_SYSTEMS = {0x01021994: "tmpfs", 0x858458F6: "ramfs"}


class Unfit(Exception):
    """The machine or an installation cannot run what was asked; the text says what to do."""


def say(text):
    """One line of progress."""
    print(text, file=sys.stderr, flush=True)


def file_system_type(path):
    """f_type of the file system that holds `path`."""
    # struct statfs begins with f_type as a long on Linux; the rest is read past.
    buffer = (ctypes.c_long * 32)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.statfs(os.fsencode(path), ctypes.byref(buffer)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
    return buffer[0]


def sync_milliseconds(directory, rounds=50):
    """Median time of an append of 4 KiB with fdatasync, in milliseconds."""
    path = os.path.join(directory, "fsync-probe")
    times = []
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        for _ in range(rounds):
            os.write(handle, b"x" * 4096)
            before = time.perf_counter()
            os.fdatasync(handle)
            times.append((time.perf_counter() - before) * 1000)
    finally:
        os.close(handle)
        os.unlink(path)
    return statistics.median(times)


def require_durable(directory):
    """Median sync time of a directory whose file system reaches a device; refuses memory."""
    kind = file_system_type(directory)
    if kind in MEMORY_FILE_SYSTEMS:
        raise Unfit(f"{directory} is on {MEMORY_FILE_SYSTEMS[kind]}: nothing there survives; give --data DIR on a disk")
    milliseconds = sync_milliseconds(directory)
    if milliseconds < 0.01:
        raise Unfit(f"{directory}: fdatasync takes {milliseconds * 1000:.1f} µs, so it does not reach a device; "
                    "give --data DIR on a disk")
    return milliseconds


def facts(directory):
    """What a reader needs to judge the figures: processor, cores, memory, kernel, file system, sync time."""
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/proc/meminfo", encoding="utf-8") as lines:
        memory = int(lines.readline().split()[1]) / 1024 / 1024
    mount, kind = "", ""
    with open("/proc/mounts", encoding="utf-8") as lines:
        for line in lines:
            fields = line.split()
            if os.path.realpath(directory).startswith(fields[1]) and len(fields[1]) >= len(mount):
                mount, kind = fields[1], fields[2]
    name = "Linux"
    if os.path.exists("/etc/os-release"):
        with open("/etc/os-release", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("PRETTY_NAME="):
                    name = line.split("=", 1)[1].strip().strip('"')
    return {
        "date": time.strftime("%Y-%m-%d"), "processor": model, "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory, 1), "system": name, "kernel": platform.release(), "file_system": kind,
        "fdatasync_ms": round(sync_milliseconds(directory), 3),
    }


def tree_bytes(path, leave_out=()):
    """Bytes that the files below a directory occupy; names in `leave_out` are not entered, nor counted."""
    total = 0
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if name not in leave_out]
        for name in files:
            if name in leave_out:
                continue
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
            except FileNotFoundError:
                continue
    return total
