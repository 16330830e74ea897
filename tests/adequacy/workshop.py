# SPDX-License-Identifier: BSD-3-Clause
"""Builds lib/packet, whole or with one source changed, and the tests of it, and runs them. By hand, and not
with meson: the library is a shared one here, so that the tests need not be linked anew for each change.
"""
import glob
import os
import platform
import subprocess
from signal import SIGKILL, SIGXCPU

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LIBRARY = "lib/packet"
# Those of lib/packet/meson.build.
FLAGS = {"plain/avx2": ["-mavx2", "-mbmi"], "plain/avx512": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mbmi"]}
# The variants of other machines, which the compiler of this one does not know.
ELSEWHERE = ("plain/neon",) if platform.machine() == "x86_64" else ("plain/avx", "plain/x86")
# The cheapest first.
UNIT = ("verdict", "plain", "eth", "arp", "identity", "identity6", "ipv4", "ipv6", "icmp", "icmp6", "ndp", "checksum", "udp", "udp6", "frame")
EQUAL = "equal"
EQUAL_ARGUMENTS = ["--frames=30000"]
EQUAL_BRIEF = ["--frames=10000", "--step=17"]  # where a sanitizer looks on: at what is touched, whatever its value
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:abort_on_error=0", UBSAN_OPTIONS="halt_on_error=1",
                   CMOCKA_MESSAGE_OUTPUT="TAP")

PASSED, FAILED, TIMED_OUT = "passed", "failed", "timed out"


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


def sources():
    """The files of lib/packet for this machine, by their paths in it."""
    return sorted(name for name in glob.glob("**/*.[ch]", root_dir=os.path.join(ROOT, LIBRARY), recursive=True)
                  if not name.startswith(ELSEWHERE))


def modules():
    """Names of the sources of lib/packet."""
    return sorted(os.path.splitext(name)[0] for name in sources() if name.endswith(".c"))


def object_of(name, folder):
    """Where lib/packet/NAME.c is compiled to."""
    return f"{folder}/{name.replace('/', '_')}.o"


def compiler(arguments):
    done = subprocess.run(["gcc", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(done.stderr)
    return done.stdout


def includes(changed):
    """Where to look for headers: for the changed ones first."""
    return [f"-I{root}/include" for root in ([changed, ROOT] if changed else [ROOT])]


def source(path, changed):
    """A file of the project, or the changed one in its place."""
    there = os.path.join(changed or ROOT, path)
    return there if os.path.exists(there) else os.path.join(ROOT, path)


def module_flags(name, flags):
    return ["-std=c11", "-w", "-fPIC", *FLAGS.get(name, []), *flags]


def read_intrinsics(name, folder, flags):
    """The header of all intrinsics, FOLDER/NAME.h, read once: that takes longer than all the rest of a variant."""
    header = f"{folder}/{os.path.basename(name)}.h"
    with open(header, "w", encoding="ascii") as file:
        file.write("#include <immintrin.h>\n")
    compiler([*module_flags(name, flags), "-x", "c-header", header, "-o", f"{header}.gch"])


def compile_module(name, folder, flags, changed=None, read=None):
    """lib/packet/NAME.c to an object in FOLDER. CHANGED is a folder with sources that take the place of the
    project's, READ one in which read_intrinsics() has been."""
    intrinsics = ["-include", f"{read}/{os.path.basename(name)}.h"] if read and name in FLAGS else []
    compiler([*module_flags(name, flags), *includes(changed), *intrinsics, "-c",
              source(f"{LIBRARY}/{name}.c", changed), "-o", object_of(name, folder)])


def files_of(name):
    """The files of the project that make up lib/packet/NAME.c: itself, and the headers that it includes."""
    rule = compiler([*module_flags(name, []), *includes(None), "-MM", source(f"{LIBRARY}/{name}.c", None)])
    return {os.path.relpath(path, ROOT) for path in rule.replace("\\\n", " ").split()[1:]}


def link_library(objects, folder, flags):
    compiler(["-shared", *flags, *objects, "-o", f"{folder}/libpacket.so"])


def compile_test(name, folder, flags, changed=None):
    """A program of the tests, FOLDER/test_NAME, that loads libpacket.so from wherever it is told."""
    if name == EQUAL:
        sources = ["tests/equal/test_equal.c", "tests/equal/burst.c", "tests/equal/sample.c"]
    else:
        sources = [f"tests/unit/{part}.c" for part in (f"test_{name}", "frames", "check", "suite")]
    compiler(["-std=gnu11", "-w", "-D_GNU_SOURCE", *flags, *includes(changed), *(f"{ROOT}/{part}" for part in sources),
              "-o", f"{folder}/test_{name}", "-Wl,--allow-shlib-undefined", f"-L{folder}", "-lpacket",
              *([] if name == EQUAL else ["-lcmocka"])])


def run_test(name, programs, library, variant=None, limit=None, is_brief=False):
    """Test NAME of the folder PROGRAMS with the library of the folder LIBRARY, until its first failure: what
    becomes of it, and the CPU seconds that it took. Of more than LIMIT it does not end."""
    arguments = []
    if name == EQUAL:
        arguments = (EQUAL_BRIEF if is_brief else EQUAL_ARGUMENTS) + ([f"--variant={variant}"] if variant else [])
    limiter = ["prlimit", f"--cpu={limit}"] if limit else []
    with subprocess.Popen([*limiter, f"{programs}/test_{name}", *arguments], env=dict(ENVIRONMENT, LD_LIBRARY_PATH=library),
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        failed = any(line.startswith(b"not ok") for line in process.stdout)
        if failed:
            os.kill(process.pid, SIGKILL)  # and not process.kill(), which may wait for it
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if not failed and -process.returncode in (SIGKILL, SIGXCPU):
        return TIMED_OUT, usage.ru_utime
    return FAILED if failed or process.returncode != 0 else PASSED, usage.ru_utime
