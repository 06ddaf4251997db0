"""What a run needs: Debian packages when root may install them, a Python environment of our own for PyPI's packages."""
import os
import shutil
import subprocess
import sys

from machine import Unfit, say

CLUSTERS = "/etc/postgresql-common/createcluster.conf"


def packages(what, program, names):
    """Installs packages when `program` is missing; no service of theirs is started or left behind."""
    if os.path.exists(program) or shutil.which(program):
        return
    if os.geteuid() != 0:
        raise Unfit(f"{what} is missing: apt-get install {' '.join(names)}")
    say(f"  installing {' '.join(names)}")
    if "postgresql-15" in names and not os.path.exists(CLUSTERS):
        os.makedirs(os.path.dirname(CLUSTERS), exist_ok=True)
        with open(CLUSTERS, "w", encoding="utf-8") as file:
            file.write("create_main_cluster = false\n")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends"] + names):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unfit(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")


def unpacked(name, directory):
    """A Debian package's files below `directory`, without installing it: its own server is not wanted."""
    target = os.path.join(directory, name)
    if not os.path.exists(target):
        holder = target + ".download"
        os.makedirs(holder, exist_ok=True)
        done = subprocess.run(["apt-get", "download", name], cwd=holder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unfit(f"apt-get download {name} failed: {done.stderr.strip()[-500:]}")
        for file in os.listdir(holder):
            subprocess.run(["dpkg-deb", "-x", os.path.join(holder, file), target], check=True)
        shutil.rmtree(holder)
    return target


def environment(directory, names):
    """The Python of a virtual environment with packages from PyPI."""
    home = os.path.join(directory, "venv")
    python = os.path.join(home, "bin", "python3")
    mark = os.path.join(home, "has-" + "-".join(names))
    if not os.path.exists(mark):
        say(f"  installing {' '.join(names)} from PyPI")
        for command in ([sys.executable, "-m", "venv", home], [python, "-m", "pip", "install", "-q"] + names):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Unfit(f"{' '.join(command)} failed: {(done.stderr + done.stdout).strip()[-500:]}")
        with open(mark, "w", encoding="utf-8"):
            pass
    return python
