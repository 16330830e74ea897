# SPDX-License-Identifier: BSD-3-Clause
"""A systemd of our own, as process 1 of a machine that is namespaces on an overlay of this one's files, or of others.

    with Machine({unit file: text, ...}, {program: where it goes, ...}) as machine:
        machine.run("systemctl", "start", "udpechod")
"""
import contextlib
import os
import shutil
import subprocess
import tempfile
import time

from world import PATIENCE, die_with_us, wait_until

from tap import Skip

# Of what a Debian brings, all that has nothing to do with a service that starts.
MASKED = """getty.target remote-fs.target dbus.service dbus.socket cron.service systemd-logind.service
    systemd-timesyncd.service systemd-udevd.service systemd-udev-trigger.service systemd-networkd.service
    systemd-resolved.service networking.service apt-daily.timer ssh.service e2scrub_reap.service
    dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount""".split()

# In namespaces of its own, where nothing is left of these mounts once it has ended.
BEGIN = """set -e
mount -t tmpfs -o mode=755 machine "$1"
cd "$1"
mkdir files changes work
mount -t overlay -o lowerdir="$3",upperdir=changes,workdir=work machine files
cp -a "$2"/. files/
cd files
mount -t proc machine proc
mount -t sysfs machine sys
mount -t cgroup2 machine sys/fs/cgroup
for folder in run tmp dev; do mount -t tmpfs -o mode=755 machine $folder; done
mkdir dev/net dev/pts dev/shm
mknod dev/net/tun c 10 200
for device in null zero full random urandom tty; do touch dev/$device; mount --bind /dev/$device dev/$device; done
hostname machine
exec chroot . env -i container=test PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --unit=basic.target --show-status=0 \
    --log-target=null
"""


def cgroups():
    """Where the kernel's one hierarchy of control groups is."""
    with open("/proc/mounts", encoding="utf-8") as mounts:
        for line in mounts:
            _, folder, kind, _ = line.split(" ", 3)
            if kind == "cgroup2":
                return folder
    raise Skip("no cgroup2 here")


class Machine:
    patience = 6 * PATIENCE  # with a program in there

    def __init__(self, files, programs, base="/"):
        self.base = base  # what it is an overlay of
        self.files = files  # path: text
        self.programs = programs  # path: where it is here
        self.process = None
        self.first = None  # its process 1, by its number out here

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skip("wants root, for namespaces")
        if not os.path.exists("/lib/systemd/systemd"):
            raise Skip("no systemd here")
        self.group = os.path.join(cgroups(), f"udpechod-{os.getpid()}")
        self.folder = tempfile.mkdtemp(dir="/var/tmp")
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self):
        changes, root = (os.path.join(self.folder, name) for name in ("changes", "root"))
        os.mkdir(root)
        for path, text in self.files.items():
            self.put(changes, path, text)
        for path, program in self.programs.items():
            os.makedirs(os.path.dirname(changes + path), exist_ok=True)
            shutil.copy(program, changes + path)
        os.makedirs(f"{changes}/etc/systemd/system", exist_ok=True)
        for unit in MASKED:
            os.symlink("/dev/null", f"{changes}/etc/systemd/system/{unit}")
        os.mkdir(self.group)

        def enter():
            die_with_us()
            with open(os.path.join(self.group, "cgroup.procs"), "w", encoding="ascii") as file:
                file.write(str(os.getpid()))

        self.errors = open(os.path.join(self.folder, "errors"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net", "--cgroup",
             "sh", "-c", BEGIN, "sh", root, changes, self.base], preexec_fn=enter, stdin=subprocess.DEVNULL,
            stdout=self.errors, stderr=self.errors)
        wait_until(self.is_up, "systemd", 4 * PATIENCE)

    def put(self, folder, path, text):
        os.makedirs(os.path.dirname(folder + path), exist_ok=True)
        with open(folder + path, "w", encoding="utf-8") as file:
            file.write(text)

    def is_up(self):
        if self.process.poll() is not None:
            self.errors.seek(0)
            raise Skip(f"no machine of our own: {self.errors.read().strip()}")
        with contextlib.suppress(OSError, ValueError), \
                open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            self.first = int(file.read())
        return self.first is not None and \
            self.run("systemctl", "is-active", "basic.target", check=False).stdout == "active\n"

    def __exit__(self, *_):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.errors.close()
            wait_until(self.remove_groups, "the machine's end")
        shutil.rmtree(self.folder)

    def remove_groups(self):
        try:
            for folder, _, _ in os.walk(self.group, topdown=False):
                os.rmdir(folder)
        except OSError:
            return False
        return True

    def run(self, *arguments, check=True, **options):
        """Runs a program in there to its end."""
        done = subprocess.run(
            ["nsenter", f"--target={self.first}", "--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd",
             "--", *arguments], capture_output=True, text=True, timeout=self.patience, check=False, **options)
        assert not check or done.returncode == 0, f"{arguments}: status {done.returncode}: {done.stderr}{done.stdout}"
        return done

    def write(self, path, text):
        self.run("tee", path, input=text)

    def show(self, unit, what):
        """A property of a unit."""
        return self.run("systemctl", "show", "--value", f"--property={what}", unit).stdout.strip()

    def await_state(self, unit, state):
        wait_until(lambda: self.show(unit, "ActiveState") == state, f"{unit} {state}", 4 * PATIENCE)

    def journal(self, unit):
        """What the unit said, a line each."""
        return self.run("journalctl", "--unit", unit, "--output=cat", "--no-pager").stdout

    def processes(self, group):
        """Those of a control group, by their numbers out here."""
        with open(os.path.join(self.group, group, "cgroup.procs"), encoding="ascii") as file:
            return [int(line) for line in file]


def measure(function):
    """How long that took, in seconds."""
    start = time.monotonic()
    function()
    return time.monotonic() - start
