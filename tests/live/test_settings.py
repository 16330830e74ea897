#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What --check says, and the documents of settings say too: `test_settings.py UDPECHOD`"""
import os
import re
import sys
import tempfile

from test_errors import IDENTITY, IN, check_refused, make_files, run

from tap import Tap

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "app", "udpechod"))
from fill import read_settings  # noqa: E402


def check_settings():
    """--check says what the settings come to, in the form of a configuration, and touches nothing."""
    done = run(["-d", "pcap:in.pcap,new.pcap", *IDENTITY, "-a", "198.18.0.3", "-p", "7099,7,7000-7098",
                "-d", "af_xdp:no-such", "-a", "198.18.0.4/31", "--cores=0", "--report=json", "--check", "--", "--no-telemetry"])
    assert (done.returncode, done.stderr) == (0, ""), done
    lines = done.stdout.splitlines()
    for line in ("udp-port = 7,7000-7099", "cores = 0", "report = json", "device = pcap:in.pcap,new.pcap",
                 "address = 198.18.0.2/24,198.18.0.3/32", "mac = 02:00:00:00:00:02", "device = af_xdp:no-such",
                 "address = 198.18.0.4/31"):
        assert line in lines, f"{line!r} is not in {lines}"
    assert not os.path.exists("new.pcap"), "it made the output"


def check_example_lines(example):
    """Each of its lines alone is right, on the devices that it is for."""
    general, device = example.replace("/etc/udpechod/udpechod.acl", "/dev/null").split("#[device uplink]\n")
    interface, nic = device.split("# Only for a NIC (pci:)")
    section = "[device a]\naddress = 198.18.0.2/24\ndevice = "
    for part, before, after in ((general, "[udpechod]\n", section + "pcap:in.pcap\nmac = 02:00:00:00:00:02\n"),
                                (interface, section + "af_xdp:eth1\n", ""), (nic, section + "pci:0000:01:00.0\n", "")):
        lines = re.findall(r"^#((?!address|device)[a-z0-9-]+ = .*\n)", part, re.M)
        assert lines, part
        for line in lines:
            with open("line.conf", "w", encoding="utf-8") as file:
                file.write(before + line + after)
            done = run(["-c", "line.conf", "--check"])
            assert (done.returncode, done.stderr) == (0, "") and line.split(" = ")[0] in done.stdout, (line, done)


def check_documents():
    """The example of a configuration is one but for its device, and has each setting of --check, as its man page."""
    with open(os.path.join(TOP, "config", "udpechod.conf"), encoding="utf-8") as file:
        example = file.read().replace("cores = 1,3-5", "cores = 0")  # which each machine has
    config = ["-c", os.path.join(TOP, "config", "udpechod.conf")]
    check_refused([*config, "--check"], 2, "no device", "[device] section")
    done = run([*config, *IN, "--check"])
    assert (done.returncode, done.stderr) == (0, ""), done
    # With all that is commented out, it is one as well.
    full = re.sub(r"^#(?=[a-z0-9-]+ = |\[)", "", example, flags=re.M).replace("/etc/udpechod/udpechod.acl", "/dev/null")
    full = full.replace("af_xdp:eth1", "pci:0000:01:00.0").replace("explain = on", "explain = off")
    with open("full.conf", "w", encoding="utf-8") as file:
        file.write(full)
    done = run(["-c", "full.conf", "--check"])
    assert (done.returncode, done.stderr) == (0, ""), done
    check_example_lines(example)
    keys = set(re.findall(r"^([a-z0-9-]+) = ", done.stdout, re.M))
    assert keys == set(re.findall(r"^([a-z0-9-]+) = ", full, re.M)), keys
    with open(os.path.join(TOP, "app", "udpechod", "udpechod.conf.5.in"), encoding="utf-8") as file:
        page = file.read().replace("\\-", "-")
    settings = list(read_settings(os.path.join(TOP, "include", "udpecho", "control", "settings.def")))
    assert len(settings) > 15 and keys == {one.name for one in settings}, keys ^ {one.name for one in settings}
    lists = {("APPLIANCE", "RELOAD"): "@RELOAD_KEYS@", ("APPLIANCE", "START"): "@START_KEYS@", ("DEVICE", "START"): "@DEVICE_KEYS@"}
    for one in settings:  # "device" has an entry beside the list
        place = lists.get((one.scope, one.change), one.name) if one.name != "device" else one.name
        assert re.search(rf"\b{place}\b" if place == one.name else place, page), f"{one.name} is not in udpechod.conf(5)"


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        make_files()
        tap.case("--check", check_settings)
        tap.case("the example of a configuration, and its man page", check_documents)
        os.chdir("/")
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
