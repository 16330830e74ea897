#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""--doctor on this machine, in a network of the test's own: what it says is so, and its mends mend.
`test_doctor.py UDPECHOD`"""
import json
import os
import subprocess
import sys

from world import APPLIANCE, INTERFACE, PREFIX, Appliance, World, command, require_tool
from tap import Skip, Tap

ANYONE = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def examine(place, program, *arguments, device=None, before=()):
    """Its status and its findings, by the name of the check."""
    done = subprocess.run(
        ["ip", "netns", "exec", place.appliance, *before, program, "--doctor", "--report=json",
         "-d", device or place.device, "-a", APPLIANCE + PREFIX, *arguments],
        capture_output=True, text=True, timeout=20, check=False)
    assert done.stderr == "", done.stderr
    report = json.loads(done.stdout)
    assert sum(report["counts"].values()) == len(report["findings"]), report
    assert done.returncode == (1 if report["counts"]["stop"] else 0), (done.returncode, report["counts"])
    return done.returncode, {finding["check"]: finding for finding in report["findings"]}


def mend(place, finding):
    command("ip", "netns", "exec", place.appliance, "sh", "-c", finding["mend"])


def check_down(program):
    with World("af_xdp") as place:
        command("ip", "-n", place.appliance, "link", "set", INTERFACE, "down")
        before = place.link()
        status, found = examine(place, program)
        assert status == 1 and found["link"]["grade"] == "stop", found
        assert place.link() == before, "it changed the interface"
        mend(place, found["link"])
        status, found = examine(place, program)
        assert status == 0 and found["link"]["grade"] == "ok", found


def check_address(program):
    with World("af_packet") as place:
        command("ip", "-n", place.appliance, "address", "add", APPLIANCE + PREFIX, "dev", INTERFACE)
        status, found = examine(place, program)
        assert status == 1 and found["address"]["grade"] == "stop", found
        assert place.refused(program, "-a", APPLIANCE + PREFIX).returncode == 1, "and udpechod starts all the same"
        mend(place, found["address"])
        status, found = examine(place, program)
        assert status == 0 and found["address"]["grade"] == "ok", found


def check_mtu(program):
    """What it says is lost is lost, and what it says is fine is echoed."""
    with World("af_xdp") as place:
        for interface, namespace in ((INTERFACE, place.appliance), (place.interface, place.client)):
            command("ip", "-n", namespace, "link", "set", interface, "mtu", "3400")
        _, found = examine(place, program)
        assert found["mtu"]["grade"] == "risk", found
        assert not echoes(place, program, 3400)
        mend(place, found["mtu"])
        _, found = examine(place, program)
        assert found["mtu"]["grade"] == "ok", found
        assert echoes(place, program, int(found["mtu"]["text"]))


def echoes(place, program, size):
    """Whether a ping of so many bytes, with its IPv4 header, comes back."""
    with Appliance(place, program):
        done = place.run("ping", "-q", "-c", "1", "-W", "1", "-M", "do", "-s", str(size - 28), APPLIANCE)
    return done.returncode == 0


def check_offloads(program):
    """Both ends of a veth in one namespace: there, the peer's name is known."""
    with World("tap") as place:
        command("ip", "-n", place.appliance, "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        for interface in ("v0", "v1"):
            command("ip", "-n", place.appliance, "link", "set", interface, "up")
        _, found = examine(place, program, device="af_xdp:v0")
        assert found["offloads"]["grade"] == "slow" and "v1" in found["offloads"]["text"], found
        mend(place, found["offloads"])
        _, found = examine(place, program, device="af_xdp:v0")
        assert found["offloads"]["grade"] == "ok", found
    with World("af_xdp", checksum_offload=True) as place:
        _, found = examine(place, program)
        assert found["offloads"]["grade"] == "unseen" and "namespace" in found["offloads"]["text"], found


def check_owner(program):
    with World("af_packet") as place, Appliance(place, program):
        status, found = examine(place, program)
        assert status == 1 and found["owner"]["grade"] == "stop", found


def check_objects(program):
    """Where libxdp is sent to a folder without its programs, af_xdp does not start."""
    with World("af_xdp") as place:
        _, found = examine(place, program)
        assert found["libxdp"]["grade"] == "ok" and found["af_xdp"]["grade"] == "ok", found
        environment = ("env", "LIBXDP_OBJECT_PATH=/nowhere")
        status, found = examine(place, program, before=environment)
        assert status == 1 and "/nowhere" in found["libxdp"]["text"], found


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


def check_memlock_fix(program):
    """Where root may raise its limits."""
    with World("af_packet") as place:
        before = without("ipc_lock")
        _, found = examine(place, program, before=before)
        fix = found["memlock"]["mend"]
        if subprocess.run([*before, "sh", "-c", fix], capture_output=True, check=False).returncode != 0:
            raise Skip("root may not raise its limits here")
        _, found = examine(place, program, before=[*before, "sh", "-c", f'{fix}\nexec "$@"', "sh"])
        assert found["memlock"]["grade"] == "ok", found


def check_text(program):
    """What a person reads: each line a check, and what mends it below it; and without a device, of the machine."""
    with World("tap") as place:
        done = subprocess.run(["ip", "netns", "exec", place.appliance, program, "--doctor"],
                              capture_output=True, text=True, timeout=20, check=False)
        lines = done.stdout.splitlines()
        assert done.stderr == "" and lines[0].endswith("the doctor's report") and lines[1] == "machine", done
        assert [line for line in lines if line.split()[:2] in (["ok", "hugepages"], ["stop", "hugepages"])], done.stdout
        assert done.returncode == (1 if any(line.startswith("  stop ") for line in lines) else 0), done.stdout
        assert lines[-1].count("fine: ") == 1, done.stdout


def main():
    program = os.path.abspath(sys.argv[1])
    tap = Tap()
    tap.case("an interface that is down", check_down, program)
    tap.case("an address that the kernel has too", check_address, program)
    tap.case("an MTU that AF_XDP does not take", check_mtu, program)
    tap.case("a veth's peer that leaves checksums", check_offloads, program)
    tap.case("another udpechod", check_owner, program)
    tap.case("libxdp's programs", check_objects, program)
    tap.case("without privilege", check_anyone, program)
    tap.case("too little memory to lock", check_memlock, program)
    tap.case("too little memory to lock, and its fix", check_memlock_fix, program)
    tap.case("as text, of the machine", check_text, program)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
