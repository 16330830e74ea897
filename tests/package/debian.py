# SPDX-License-Identifier: BSD-3-Clause
"""Packages, and a Debian to install them in, with nothing in it but what each has and what the tests need."""
import glob
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "live")]
from systemd import Machine  # noqa: E402
from tap import Skip  # noqa: E402

PATIENCE = 900  # seconds, for what a build or a slow mirror is part of
INSTALL = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends")
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
# No package's: what changes there is the system's own.
SYSTEM = ("dev", "proc", "run", "sys", "tmp", "var/cache", "var/lib/apt", "var/lib/dpkg", "var/lib/systemd", "var/log",
          "var/tmp", "etc/ld.so.cache")


def tool(*arguments, **options):
    """Runs a program to its end; returns all that it says, and raises OSError with the end of it if it fails."""
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=PATIENCE, check=False, **options)
    if done.returncode != 0:
        raise OSError(f"{' '.join(arguments)}: status {done.returncode}: {done.stdout[-3000:]}")
    return done.stdout


def export(source, folder):
    """What is or would be in the repository, and nothing else."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=source,
                           capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, names):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(os.path.join(source, name), path)


def build(folder, *arguments, **environment):
    """Builds packages beside the folder; the tests of the programs have their turn elsewhere."""
    tool("dpkg-buildpackage", "--no-sign", *arguments, cwd=folder,
         env={**os.environ, "DEB_BUILD_OPTIONS": f"nocheck parallel={os.cpu_count()}", **environment})


def packages(folder):
    """The packages in a folder: their files by their names."""
    return {os.path.basename(path).split("_")[0]: path for path in glob.glob(os.path.join(folder, "*.deb"))}


def digests(folder):
    found = {}
    for name, path in packages(folder).items():
        with open(path, "rb") as file:
            found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def release():
    """The Debian that runs here: packages built here are for it."""
    with open("/etc/os-release", encoding="utf-8") as file:
        return dict(line.rstrip().split("=", 1) for line in file if "=" in line).get("VERSION_CODENAME", "stable")


def make_debian(root, debs):
    """A Debian in a folder, with all at hand that the packages depend on: it may be without a network later."""
    if os.geteuid() != 0:
        raise Skip("wants root, for a Debian of its own")
    fetch = f'chroot "$1" {" ".join(INSTALL)} --download-only {" ".join("/var/tmp/" + os.path.basename(deb) for deb in debs)}'
    try:
        tool("mmdebstrap", "--mode=root", "--variant=apt", "--include=systemd,iproute2,ethtool", "--skip=cleanup/apt",
             "--dpkgopt=force-unsafe-io", f"--customize-hook=copy-in {' '.join(debs)} /var/tmp",
             f"--customize-hook={fetch}", release(), root)
    except FileNotFoundError as error:
        raise Skip("no mmdebstrap here") from error


class Debian(Machine):
    """It runs, with a systemd of its own."""

    patience = PATIENCE

    def say(self, *arguments):
        """Runs a program that must succeed; returns all that it says."""
        done = self.run(*arguments, stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        return done.stdout + done.stderr

    def install(self, *debs, options=()):
        for deb in debs:
            shutil.copy(deb, self.path("/var/tmp"))
        return self.say(*INSTALL, *options, *(f"/var/tmp/{os.path.basename(deb)}" for deb in debs))

    def path(self, name):
        return f"/proc/{self.first}/root{name}"

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def everything(self):
        """The names of all files but the system's own; and users and groups."""
        found = set()
        for folder, folders, files in os.walk(self.path("/")):
            inside = os.path.relpath(folder, self.path("/"))
            names = {name: os.path.normpath(os.path.join(inside, name)) for name in folders + files}
            folders[:] = [name for name in folders if names[name] not in SYSTEM]
            found |= set(names.values()) - set(SYSTEM)
        for name in ("passwd", "group"):
            found |= {f"{name}: {line}" for line in self.read(f"/etc/{name}").splitlines()}
        return found
