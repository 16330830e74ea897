# SPDX-License-Identifier: BSD-3-Clause
"""The client as a test runs it, and what it should print."""
import contextlib
import os
import subprocess
import sys

from server import PATIENCE

CLIENT = os.path.abspath(sys.argv[1])


def run(*arguments, data=b"", **streams):
    """Runs the client to its end; returns its status, standard output and standard error."""
    if "stdin" not in streams:
        streams["input"] = data
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    done = subprocess.run([CLIENT, *map(str, arguments)], timeout=PATIENCE, check=False, **streams)
    return done.returncode, (done.stdout or b"").decode(), (done.stderr or b"").decode()


def expect(got, status, stdout, stderr):
    """Compares what run() returned, all of it."""
    assert got == (status, stdout, stderr), f"got {got}, expected {(status, stdout, stderr)}"


def written(data):
    return f"packet-written: bytes={len(data)}\n"


def received(data, name):
    return f"packet-received: bytes={len(data)} from={name}\n"


@contextlib.contextmanager
def start(*arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE):
    """Starts the client, and leaves its input open; it ends with the case at the latest."""
    with subprocess.Popen([CLIENT, *map(str, arguments)], bufsize=0, stdin=stdin,
                          stdout=stdout, stderr=subprocess.PIPE) as client:
        try:
            yield client
        finally:
            client.kill()
