# SPDX-License-Identifier: BSD-3-Clause
"""Packages, and a Debian to install them in, with nothing in it but what each has and what the tests need."""
import contextlib
import glob
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "live")]
from systemd import Machine  # noqa: E402
from tap import Skip, patience  # noqa: E402
from world import LIBC  # noqa: E402

PATIENCE = patience(900)  # seconds, for what a build or a slow mirror is part of
PLENTY = 3 << 30  # bytes of memory
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


def sources():
    """What is or would be in the repository, and nothing else: names from TOP on."""
    names = subprocess.run([os.path.join(TOP, "scripts", "sources")], capture_output=True, check=True).stdout.decode()
    return sorted(filter(None, names.split("\0")))


def export(folder):
    """A copy of all that."""
    for name in sources():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copy(os.path.join(TOP, name), path)


def build(folder, *arguments, **environment):
    """Builds packages beside the folder; the tests of the programs have their turn elsewhere."""
    tool("dpkg-buildpackage", "--no-sign", *arguments, cwd=folder,
         env={**os.environ, "DEB_BUILD_OPTIONS": f"nocheck parallel={os.cpu_count()}", **environment})


def build_once(folder):
    """Has packages in FOLDER, and beside them the export that they were built in; they stay as long as no source changes."""
    wanted, mark = hashlib.sha256(), os.path.join(folder, "built-from")
    for name in sources():
        with open(os.path.join(TOP, name), "rb") as file:
            wanted.update(f"{name}\0".encode() + hashlib.file_digest(file, "sha256").digest())
    if os.path.exists(mark) and open(mark, encoding="ascii").read() == wanted.hexdigest():
        return
    shutil.rmtree(folder, ignore_errors=True)
    export(os.path.join(folder, "udpechod"))
    build(os.path.join(folder, "udpechod"))
    with open(mark, "w", encoding="ascii") as file:
        file.write(wanted.hexdigest())


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


def free_memory():
    """What may be had, in bytes."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable:"))


@contextlib.contextmanager
def workspace():
    """A folder for a while, in memory if there is plenty: on a disk dpkg waits again and again for what it wrote. This
    process gets mounts of its own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        mounted = free_memory() > PLENTY and os.geteuid() == 0 and LIBC.unshare(0x20000) == 0  # CLONE_NEWNS
        if mounted:
            tool("mount", "-n", "--make-rprivate", "/")
            tool("mount", "-n", "-t", "tmpfs", "none", folder)
        try:
            yield folder
        finally:
            if mounted:
                tool("umount", "-n", "--lazy", folder)


def make_debian(root, debs):
    """A Debian in a folder, with all at hand that the packages depend on: it may be without a network later."""
    if os.geteuid() != 0:
        raise Skip("wants root, for a Debian of its own")
    fetch = f'chroot "$1" {" ".join(INSTALL)} --download-only {" ".join("/var/tmp/" + os.path.basename(deb) for deb in debs)}'
    try:
        tool("mmdebstrap", "--mode=root", "--variant=apt", "--include=systemd,iproute2,ethtool", "--skip=cleanup/apt",
             "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", f"--customize-hook=copy-in {' '.join(debs)} /var/tmp",
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
