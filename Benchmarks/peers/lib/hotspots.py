"""Where the three `xylemd` spend their time while members are inserted: perf, the ten hottest functions a level."""
import os
import re
import shutil
import signal
import subprocess

import measure
from install import packages
from machine import say

HERTZ = 249


class Profile:
    """Wraps one run: perf starts with the first insert and ends with the last."""

    def __init__(self, system, directory):
        packages("perf", "perf", ["linux-perf"])
        self._system, self._directory = system, os.path.realpath(directory)
        os.makedirs(self._directory, exist_ok=True)

    def __enter__(self):
        self._drive = measure.drive
        measure.drive = self._profiled
        return self

    def __exit__(self, *_):
        measure.drive = self._drive

    def _profiled(self, system, count, commit, arrived, what):
        recorders = []
        for level, process in zip(("leaf", "middle", "top"), system.levels):
            path = os.path.join(self._directory, f"{what}-{level}.data")
            recorders.append((level, path, subprocess.Popen(
                ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(HERTZ), "-g", "-p", str(process.pid), "-o", path],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
        try:
            return self._drive(system, count, commit, arrived, what)
        finally:
            for _, _, recorder in recorders:
                recorder.send_signal(signal.SIGINT)
                recorder.wait()
            for level, path, _ in recorders:
                self._report(what, level, path)

    def _report(self, what, level, path):
        """The hottest functions by their own time and by the time below them, without Swift's mangling."""
        for kind, option in (("self", "--no-children"), ("inclusive", "--children")):
            done = subprocess.run(["perf", "report", "--stdio", "-q", option, "-g", "none", "-s", "symbol", "-i", path],
                                  capture_output=True, text=True, check=False)
            text = done.stdout
            if shutil.which("swift"):
                text = subprocess.run(["swift", "demangle", "--simplified"], input=text, capture_output=True, text=True,
                                      check=False).stdout
            lines = [re.sub(r"\s+", " ", line).strip() for line in text.splitlines() if "%" in line]
            with open(os.path.join(self._directory, f"{what}-{level}-{kind}.txt"), "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            if kind == "self":
                say(f"    {what}, {level}:")
                for line in lines[:10]:
                    say(f"      {line[:150]}")
