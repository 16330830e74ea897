# SPDX-License-Identifier: BSD-3-Clause
"""Builds lib/packet, whole or with one source changed, and the tests of it, and runs them. By hand, and not
with meson: the library is a shared one here, so that the tests need not be linked anew for each change.
"""
import os
import subprocess

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LIBRARY = "lib/packet"
# Those of lib/packet/meson.build.
FLAGS = {"plain_avx2": ["-mavx2", "-mbmi"], "plain_avx512": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mbmi"]}
UNIT = ("eth", "arp", "ipv4", "icmp", "udp", "identity", "verdict", "plain", "checksum", "frame")
EQUAL = "equal"
EQUAL_FRAMES = 30000
CPU_SECONDS = 10  # for what takes one or two: what takes more runs for ever
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:abort_on_error=0", UBSAN_OPTIONS="halt_on_error=1")


class Broken(Exception):
    """The compiler refuses it."""


def cpu_has(*flags):
    """Whether this CPU has all of these instructions."""
    with open("/proc/cpuinfo", encoding="ascii") as file:
        words = set(next(line for line in file if line.startswith("flags")).split())
    return words.issuperset(flags)


def runs_here(path):
    """Whether this CPU has the instructions of a source."""
    return "avx512" not in path or cpu_has("avx512f", "avx512bw", "avx512vl")


def modules():
    """Names of the sources of lib/packet."""
    return sorted(name.removesuffix(".c") for name in os.listdir(os.path.join(ROOT, LIBRARY)) if name.endswith(".c"))


def compiler(arguments):
    done = subprocess.run(["gcc", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(done.stderr)


def includes(changed):
    """Where to look for headers: for the changed ones first."""
    return [f"-I{root}/include" for root in ([changed, ROOT] if changed else [ROOT])]


def source(path, changed):
    """A file of the project, or the changed one in its place."""
    there = os.path.join(changed or ROOT, path)
    return there if os.path.exists(there) else os.path.join(ROOT, path)


def compile_module(name, folder, flags, changed=None):
    """lib/packet/NAME.c to FOLDER/NAME.o. CHANGED is a folder with sources that take the place of the project's."""
    compiler(["-std=c11", "-w", "-fPIC", *FLAGS.get(name, []), *flags, *includes(changed), "-c",
              source(f"{LIBRARY}/{name}.c", changed), "-o", f"{folder}/{name}.o"])


def link_library(objects, folder, flags):
    compiler(["-shared", *flags, *objects, "-o", f"{folder}/libpacket.so"])


def compile_test(name, folder, flags, changed=None):
    """A program of the tests, FOLDER/test_NAME, that loads libpacket.so from wherever it is told."""
    if name == EQUAL:
        sources = ["tests/equal/test_equal.c", "tests/equal/burst.c"]
    else:
        sources = [f"tests/unit/{part}.c" for part in (f"test_{name}", "frames", "check", "suite")]
    compiler(["-std=gnu11", "-w", "-D_GNU_SOURCE", *flags, *includes(changed), *(f"{ROOT}/{part}" for part in sources),
              "-o", f"{folder}/test_{name}", "-Wl,--allow-shlib-undefined", f"-L{folder}", "-lpacket",
              *([] if name == EQUAL else ["-lcmocka"])])


def passes(name, programs, library, variant=None):
    """Whether test NAME of the folder PROGRAMS passes with the library of the folder LIBRARY."""
    arguments = [f"--frames={EQUAL_FRAMES}"] if name == EQUAL else []
    arguments += [f"--variant={variant}"] if name == EQUAL and variant else []
    done = subprocess.run(["prlimit", f"--cpu={CPU_SECONDS}", f"{programs}/test_{name}", *arguments],
                          env=dict(ENVIRONMENT, LD_LIBRARY_PATH=library), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0
