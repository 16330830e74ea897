#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Scripts, in a folder where all else that they call is a stand-in: it says that it was called, and what its status is."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from tap import Tap, patience  # noqa: E402

TOP = HERE.parent.parent


class Folder:
    """A tree with scripts of ours, and the stand-ins: scripts__lint=SHELL is scripts/lint, bin__apt_get=SHELL is apt-get."""

    def __init__(self, root, scripts, stand_ins):
        self.root, self.log = pathlib.Path(root), pathlib.Path(root, "log")
        for name in scripts:
            self.path(name).parent.mkdir(exist_ok=True)
            shutil.copy(TOP / name, self.path(name))
        for name, does in stand_ins.items():
            path = self.path(name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(f'#!/bin/sh\nprintf "%s\\\\n" "$(basename "$0") $*" >>{self.log}\n{does}\n')
            path.chmod(0o755)

    def path(self, name):
        return self.root / name

    def run(self, script, *arguments):
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        return subprocess.run([self.path(script), *arguments], capture_output=True, text=True, timeout=patience(60), check=False,
                              stdin=subprocess.DEVNULL, env=environment)

    def called(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@contextlib.contextmanager
def folder(*scripts, **stand_ins):
    with tempfile.TemporaryDirectory() as root:
        yield Folder(root, scripts, {name.replace("__", "/").replace("_", "-"): does for name, does in stand_ins.items()})


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


def check_setup():
    """What is there is not installed again; what is to build and run, and no more, unless more is asked for."""
    def installed(*arguments, apt_get=""):
        with folder("scripts/setup", bin__dpkg_query="echo gcc install ok installed; echo meson deinstall ok config-files; exit 1",
                    bin__apt_get=apt_get, bin__id="echo 1", bin__sudo='exec "$@"') as tree:
            done = tree.run("scripts/setup", *arguments)
            calls = [line for line in tree.called() if line.startswith("apt-get -qq install")]
            assert len(calls) == 1 and done.returncode == (1 if apt_get else 0), (done, tree.called())
            return set(calls[0].split()) - {"apt-get", "-qq", "install", "--yes", "--no-install-recommends"}
    build, test = installed(), installed("--test")
    assert {"meson", "libdpdk-dev", "libcmocka-dev", "python3"} <= build and "gcc" not in build, build
    assert not build & {"chromium", "frama-c-base", "qemu-system-x86", "clang", "codespell"} and len(build) < 25, build
    assert build < test and {"chromium", "why3", "mmdebstrap", "codespell"} <= test, test
    listed = set(subprocess.run([TOP / "scripts/setup", "--list"], capture_output=True, text=True, check=True).stdout.split())
    every = [installed(option) for option in ("--image", "--lint", "--bench", "--analyze")]
    # One of them is for other releases.
    assert listed - test.union(*every) in ({"gcc", "dpdk"}, {"gcc", "frama-c-base"}) and test.union(*every) < listed, test.union(*every) ^ listed
    installed(apt_get='[ "$2" = update ]')
    with folder("scripts/setup", bin__dpkg_query='shift 3; for name; do echo "$name install ok installed"; done') as tree:
        done = tree.run("scripts/setup", "--test")
        assert (done.returncode, done.stdout, done.stderr, len(tree.called())) == (0, "", "", 1), (done, tree.called())


def check_test():
    """Its last line is the sum, whatever fails; so is its status."""
    result = '<testsuites><testsuite name="one" errors="0"><testcase name="case">%s</testcase></testsuite></testsuites>'
    for lint, case, status, counts in (("", "", 0, "4 passed, 0 failed, 0 skipped"), ("exit 1", "", 1, "4 passed, 0 failed, 0 skipped"),
                                       ("", "<failure/>", 1, "0 passed, 4 failed, 0 skipped")):
        meson = ('log=testlog; case "$*" in *--logbase*) log=${*##*--logbase }; esac;'
                 f"mkdir -p $3/meson-logs && echo '{result % case}' >$3/meson-logs/$log.junit.xml; exit 1")
        with folder("scripts/test", "tests/summary.py", "tests/slowness.py", scripts__build="", scripts__setup="", scripts__lint=lint, bin__meson=meson) as tree:
            done = tree.run("scripts/test")
            assert done.returncode == status and done.stdout.splitlines()[-1] == counts, done
            assert tree.called()[0] == "setup --test" and "lint " in tree.called(), tree.called()
            # Each has as much more time as the machine is slow.
            assert len(re.findall(r"^meson test .* -t \d+\.\d ", "\n".join(tree.called()), re.M)) == 4, tree.called()


def check_help():
    """On standard output, with status 0, before anything is done; of what is no option, a line."""
    nothing = {f"bin__{name}": "exit 77" for name in ("meson", "ninja", "apt_get", "git", "dpkg_query", "qemu_system_x86_64", "clang_format")}
    scripts = sorted(path.name for path in (TOP / "scripts").iterdir() if os.access(path, os.X_OK))
    with folder(**nothing) as tree:
        for name in ("scripts", "tests"):
            tree.path(name).symlink_to(TOP / name)
        for script in scripts:
            for option in ("--help", "-h"):
                done = tree.run(f"scripts/{script}", option)
                assert done.returncode == 0 and re.search(f"(scripts/|Usage: ){script}\\b", done.stdout) and not done.stderr, done
                assert tree.called() == [], (script, tree.called())
        for script in sorted({*scripts} - {"run", "bench", "mutate", "prove"}):
            done = tree.run(f"scripts/{script}", "--nonsense")
            assert done.returncode == 2 and not done.stdout and done.stderr.count("\n") == 1 and tree.called() == [], done
        shown = tree.run("scripts/bench", "--help").stdout
        assert all(path.stem in shown for path in (TOP / "tests/bench").glob("*.py") if "\ndef run(" in path.read_text()), shown


def main():
    tap = Tap()
    tap.case("build", check_build)
    tap.case("setup", check_setup)
    tap.case("test", check_test)
    tap.case("--help", check_help)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
