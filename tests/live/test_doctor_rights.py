#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""--doctor on this machine, for a process that has too few rights or too low limits: `test_doctor_rights.py UDPECHOD`"""
import os
import subprocess
import sys

from doctor import examine
from world import APPLIANCE, PREFIX, World, require_tool

from tap import Tap

ANYONE = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def check_anyone(program):
    """It needs no privilege, and says that a start does."""
    require_tool("setpriv")
    with World("af_xdp") as place:
        _, root = examine(place, program)
        # The program may lie where only root may go.
        with open(program, "rb") as file:
            name = f"/dev/shm/udpechod-{os.getpid()}"
            with open(name, "wb") as copy:
                copy.write(file.read())
            os.chmod(name, 0o755)
        try:
            status, found = examine(place, name, before=ANYONE)
        finally:
            os.unlink(name)
        assert status == 1 and found["rights"]["grade"] == "stop" and root["rights"]["grade"] == "ok", (root, found)
        assert {name for name in found if found[name] != root[name]} - {"memlock"} == {"rights"}, (root, found)


def without(*capabilities):
    require_tool("setpriv")
    return ["prlimit", "--memlock=4194304:4194304", "setpriv",
            *(f"--{which}=" + ",".join(f"-{name}" for name in capabilities) for which in ("bounding-set", "inh-caps"))]


def check_memlock(program):
    for kind in ("af_packet", "af_xdp"):
        with World(kind) as place:
            before = without("ipc_lock", "sys_resource")
            status, found = examine(place, program, before=before)
            assert status == 1 and found["memlock"]["grade"] == "stop", found
            assert place.refused(program, "-a", APPLIANCE + PREFIX, before=before).returncode == 1


def check_files(program):
    with World("af_xdp", queues=16) as place:
        before = ("prlimit", "--nofile=64:64")
        status, found = examine(place, program, before=before)
        assert status == 1 and found["open-files"]["grade"] == "stop", found
        assert found["open-files"]["text"] in place.refused(program, "-a", APPLIANCE + PREFIX, before=before).stderr


def check_limits_fix(program):
    """Of both. Where root may not raise its limits again, as in a container, the fixes fail and say so."""
    with World("af_packet") as place:
        before = ("prlimit", "--nofile=60:60", *without("ipc_lock"))
        _, found = examine(place, program, before=before)
        assert found["memlock"]["grade"] == found["open-files"]["grade"] == "stop", found
        fixes = f'{found["memlock"]["mend"]} && {found["open-files"]["mend"]}'
        done = subprocess.run([*before, "sh", "-c", fixes], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            assert "limit" in done.stderr and not may_raise_limits(), done
            return
        _, found = examine(place, program, before=[*before, "sh", "-c", f'{fixes} && exec "$@"', "sh"])
        assert found["memlock"]["grade"] == found["open-files"]["grade"] == "ok", found


def may_raise_limits():
    with open("/proc/self/status", encoding="ascii") as file:
        return any(int(line.split()[1], 16) >> 24 & 1 for line in file if line.startswith("CapEff"))  # CAP_SYS_RESOURCE


def main():
    program = os.path.abspath(sys.argv[1])
    tap = Tap()
    tap.case("without privilege", check_anyone, program)
    tap.case("too few open files", check_files, program)
    tap.case("too little memory to lock", check_memlock, program)
    tap.case("what raises both limits", check_limits_fix, program)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
