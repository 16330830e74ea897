#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the compiler and the linker did to make a bug that is left harder to use, read off the programs.

    test_hardening.py PROGRAM...
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap  # noqa: E402


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def is_position_independent(program):
    """Its addresses differ from run to run."""
    assert re.search(r"Type:\s+DYN", output("readelf", "-hW", program)), "not ET_DYN"
    assert re.search(r"FLAGS_1.*\bPIE\b", output("readelf", "-dW", program)), "a library, not PIE"


def has_full_relro(program):
    """No table of function pointers stays writable: all are bound at start, and then protected."""
    assert "GNU_RELRO" in output("readelf", "-lW", program), "no GNU_RELRO"
    assert re.search(r"FLAGS_1.*\bNOW\b", output("readelf", "-dW", program)), "bound lazily"


def writes_or_executes(program):
    """No memory may be written and executed, the stack least of all."""
    headers = output("readelf", "-lW", program)
    segments = re.findall(r"^\s+(LOAD|GNU_STACK)(?:\s+0x\w+){5}\s+([RWE ]{3})", headers, re.MULTILINE)
    assert {name for name, _ in segments} == {"LOAD", "GNU_STACK"}, headers
    assert not [segment for segment in segments if "W" in segment[1] and "E" in segment[1]], segments
    assert "TEXTREL" not in output("readelf", "-dW", program), "code that is relocated"


def finds_own_libraries(program):
    """Libraries are the system's: nobody can slip in another by a folder that is looked at first."""
    dynamic = output("readelf", "-dW", program)
    assert not re.search(r"R(UN)?PATH", dynamic), dynamic


def imports(program):
    return set(re.findall(r"\s(__\w+_chk(?:_fail)?)@", output("readelf", "--dyn-syms", "-W", program)))


def guards_its_stack(program):
    """A buffer that runs over is noticed before its function returns."""
    assert "__stack_chk_fail" in imports(program), imports(program)


def checks_lengths(program):
    """_FORTIFY_SOURCE: the C library is told how large the destination is."""
    assert imports(program) - {"__stack_chk_fail"}, "nothing is fortified"


def has_landing_pads(program):
    """
    CET, or BTI with PAC: every function that a pointer may lead to starts with ENDBR64 or PACIASP. Debian's start files for
    amd64 have no property that says so, hence none is in the program, and the instructions are looked at instead.
    """
    (address,) = re.findall(r"^\s*\d+: (\w+)\s.*\bmain$", output("readelf", "-sW", program), re.MULTILINE)
    code = output("objdump", "-d", f"--start-address=0x{address}", f"--stop-address={int(address, 16) + 4}", program)
    assert re.search(r"\b(endbr64|paciasp|bti\s+j?c)\b", code), code


TAP = Tap()
for path in sys.argv[1:]:
    for check in (is_position_independent, has_full_relro, writes_or_executes, finds_own_libraries, guards_its_stack,
                  checks_lengths, has_landing_pads):
        TAP.case(f"{os.path.basename(path)}: {check.__name__.replace('_', ' ')}", check, path)
sys.exit(TAP.exit_status())
