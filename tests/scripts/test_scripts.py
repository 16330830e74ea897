#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Scripts, in a folder where all else that they call is a stand-in: it says that it was called, and what its status is."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from tap import Tap  # noqa: E402

TOP = HERE.parent.parent


class Folder:
    """A tree with scripts of ours, and the stand-ins: NAME=SHELL, for one in scripts/ SCRIPTS_NAME."""

    def __init__(self, root, scripts, stand_ins):
        self.root, self.log = pathlib.Path(root), pathlib.Path(root, "log")
        for name in scripts:
            self.path(name).parent.mkdir(exist_ok=True)
            shutil.copy(TOP / name, self.path(name))
        for name, does in stand_ins.items():
            path = self.path(name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'#!/bin/sh\necho "$(basename "$0") $*" >>{self.log}\n{does}\n')
            path.chmod(0o755)

    def path(self, name):
        return self.root / name

    def run(self, script, *arguments):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        return subprocess.run([self.path(script), *arguments], capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, env=environment)

    def called(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@contextlib.contextmanager
def folder(*scripts, **stand_ins):
    with tempfile.TemporaryDirectory() as root:
        yield Folder(root, scripts, {name.replace("__", "/"): does for name, does in stand_ins.items()})


def check_build():
    """Nothing is built where what it takes could not be installed."""
    with folder("scripts/build", scripts__setup="echo no sudo >&2; exit 1", bin__meson="", bin__ninja="") as tree:
        done = tree.run("scripts/build")
        assert done.returncode != 0 and done.stderr == "no sudo\n" and tree.called() == ["setup "], (done, tree.called())
    with folder("scripts/build", scripts__setup="", bin__meson="", bin__ninja="echo broken; exit 1") as tree:
        done = tree.run("scripts/build", "here")
        assert done.returncode != 0 and done.stderr == "broken\n" and tree.called()[-1] == "ninja -C here", (done, tree.called())
    with folder("scripts/build", scripts__setup="", bin__meson="echo", bin__ninja="echo") as tree:
        done = tree.run("scripts/build")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done


def check_test():
    """Its last line is the sum, whatever fails; so is its status."""
    result = '<testsuites><testsuite name="one" errors="0"><testcase name="case">%s</testcase></testsuite></testsuites>'
    for lint, case, status, counts in (("", "", 0, "3 passed, 0 failed, 0 skipped"), ("exit 1", "", 1, "3 passed, 0 failed, 0 skipped"),
                                       ("", "<failure/>", 1, "0 passed, 3 failed, 0 skipped")):
        meson = f"mkdir -p $3/meson-logs && echo '{result % case}' >$3/meson-logs/testlog.junit.xml; exit 1"
        with folder("scripts/test", "tests/summary.py", scripts__build="", scripts__lint=lint, bin__meson=meson) as tree:
            done = tree.run("scripts/test")
            assert done.returncode == status and done.stdout.splitlines()[-1] == counts, done
            assert "lint " in tree.called(), tree.called()


def main():
    tap = Tap()
    tap.case("build", check_build)
    tap.case("test", check_test)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
