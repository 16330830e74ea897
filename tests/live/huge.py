# SPDX-License-Identifier: BSD-3-Clause
"""An appliance that has hugepages, so that other processes see its memory: DPDK's own tools, and its telemetry."""
import contextlib
import fcntl
import json
import os
import select
import signal
import subprocess

from world import PATIENCE, Appliance, require_tool, wait_until

from tap import Skip, patience

PREFIX = f"udpechod-test-{os.getpid()}"
HUGEPAGES = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
PAGES = 256
# Its own hugetlbfs, in its own /run, as everything that it leaves: who asks it enters its mount namespace.
MOUNT = 'mkdir /run/huge && mount -n -t hugetlbfs -o pagesize=2M none /run/huge && exec "$@"'


@contextlib.contextmanager
def hugepages():
    """So many more than there are, given back afterwards. Another of these tests waits for that: the pages are the machine's."""
    def reserve(count):
        with open(HUGEPAGES, "w", encoding="ascii") as file:
            file.write(str(count))
        with open(HUGEPAGES, encoding="ascii") as file:
            return int(file.read()) == count

    def give_back(count):
        """A page that comes free just while the pool shrinks stays in it, as a surplus one. The kernel lets it go
        when it has been made one of the pool's again."""
        with open(HUGEPAGES, encoding="ascii") as file:
            reserve(int(file.read()))
        return reserve(count)

    with open(HUGEPAGES, encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = int(lock.read())
        try:
            if not reserve(before + PAGES):
                raise Skip(f"no {PAGES} hugepages of 2 MiB to have")
            yield
        finally:
            # A mount namespace that ends gives its pages back when it pleases.
            wait_until(lambda: give_back(before), "hugepages given back", 30)


class Huge(Appliance):
    """With memory that other processes see."""

    wrapper = ("sh", "-c", MOUNT, "sh")
    leaves = Appliance.leaves | {"run/huge"}

    def __init__(self, world, program, *arguments):
        # At an address that is free in every process, in one with AddressSanitizer too.
        super().__init__(world, program, *arguments, "--", "--socket-mem=256", "--base-virtaddr=0x200000000000", "--huge-dir=/run/huge", f"--file-prefix={PREFIX}")
        self.telemetry, self.telemetry_stack = None, contextlib.ExitStack()

    def run(self, *arguments, **options):
        """Runs one of DPDK's tools where the appliance is."""
        require_tool(arguments[0])
        return subprocess.run(["nsenter", "-t", str(self.process.pid), "-m", "-n", *arguments], capture_output=True,
                              text=True, timeout=4 * PATIENCE, check=False, **options)

    def ask(self, *commands):
        """What dpdk-telemetry.py, which takes long to start and so stays, says to each of the commands."""
        if self.telemetry is None:
            self.telemetry = self.telemetry_stack.enter_context(subprocess.Popen(
                ["nsenter", "-t", str(self.process.pid), "-m", "-n", "dpdk-telemetry.py", "-f", PREFIX], text=True, bufsize=1,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}))
        answers = []
        for command_ in commands:
            self.telemetry.stdin.write(f"{command_}\n")
            assert select.select([self.telemetry.stdout], [], [], 4 * PATIENCE)[0], f"no answer to {command_}"
            answers.append(next(iter(json.loads(self.telemetry.stdout.readline()).values())))
        return answers

    def end(self, number=signal.SIGTERM):
        self.telemetry_stack.close()
        return super().end(number)

    def __exit__(self, *_):
        self.telemetry_stack.close()
        super().__exit__()


def expect(answer, **fields):
    assert {key: answer.get(key) for key in fields} == fields, (answer, fields)


def tshark(path, *fields):
    """The fields of each packet, as lists of text."""
    require_tool("tshark")
    arguments = [part for field in fields for part in ("-e", field)]
    done = subprocess.run(["tshark", "-r", path, "-T", "fields", *arguments], capture_output=True, text=True, timeout=patience(60), check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def tidy(appliance):
    """What the captures left is the test's, not the appliance's."""
    for name in os.listdir(appliance.path("tmp")):
        os.unlink(appliance.path(f"tmp/{name}"))
