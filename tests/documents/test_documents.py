#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Man pages against the programs: `test_documents.py UDPECHOD UDPECHO VERSION PAGE...`"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden"), os.path.join(TOP, "app", "udpechod")]

from fill import read_settings
from offline import Record, write_pcap
from schema import schema_check, schema_read
from tap import Tap

OFFLINE = ["-d", "pcap:in.pcap", "-a198.18.0.2/24", "-m02:00:00:00:00:02", "--log-level=error"]


def shown(page, columns, *how):
    """The page on a terminal so wide: its text, and what man has to say of it."""
    environment = {**os.environ, "MANWIDTH": str(columns), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["man", "--warnings", *how, "--local-file", page],
                          capture_output=True, text=True, check=True, env=environment)
    return re.sub(".\b", "", done.stdout), done.stderr


def looks(page, version):
    """It fits a terminal of 80 columns, and names the version at its foot."""
    text, complaints = shown(page, 80)
    assert complaints == "", complaints
    assert text.rstrip().splitlines()[-1].startswith(f"udpechod {version} "), text[-200:]


def options(program, page):
    """Each option stands there as --help has it, with the same argument."""
    said = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    text, _ = shown(page, 1000, "--no-hyphenation", "--no-justification")
    named = re.findall(r"^ +(?:-\w, )? *(--[a-z0-9-]+\S*)", said, flags=re.M)
    assert len(named) > 20, named
    for option in named:
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w=\[-])", text), f"no {option}"


def defaults(program):
    """Those of the table of settings are the program's; --help and the manual have them from there."""
    wanted = {one.name: one.initial for one in read_settings(os.path.join(TOP, "include", "udpecho", "control", "settings.def"))}
    done = subprocess.run([program, "--check", "-d", "af_xdp:eth1", "-a198.18.0.2"], capture_output=True, text=True, check=True)
    said = {key: value for key, value in re.findall(r"^([a-z0-9-]+) = (.*)$", done.stdout, flags=re.M) if wanted[key] != "NULL"}
    assert len(said) >= 6 and said == {key: wanted[key] for key in said}, said
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    assert "@" not in text and all(len(line) <= 100 for line in text.splitlines()), text


def printed(program, *arguments):
    done = subprocess.run([program, *arguments, "--report=json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def report(program, page):
    """A report with a device, a worker and a drop."""
    types = schema_read(page, "REPORT ")
    write_pcap("in.pcap", [Record(0, bytes(60))])
    got = printed(program, *OFFLINE)
    assert len(got["devices"]) == len(got["workers"]) == got["rx_packets"] == 1, got
    schema_check(types, "REPORT", got, "")


def doctor(program, page):
    """Of an interface that cannot be used, so that there is something to mend."""
    types = schema_read(page, "REPORT ")
    done = subprocess.run([program, "--doctor", "-d", "af_packet:lo", "--report=json"], capture_output=True, text=True, check=False)
    got = json.loads(done.stdout)
    assert any("mend" in finding for finding in got["findings"]), got
    schema_check(types, "DOCTOR", got, "")


def main():
    udpechod, udpecho, version, *pages = sys.argv[1:]
    pages = {os.path.basename(page): os.path.abspath(page) for page in pages}
    udpechod, udpecho = map(os.path.abspath, (udpechod, udpecho))
    tap = Tap()
    for name, page in pages.items():
        tap.case(f"how {name} looks", looks, page, version)
    tap.case("options of udpechod", options, udpechod, pages["udpechod.8"])
    tap.case("options of udpecho", options, udpecho, pages["udpecho.1"])
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        tap.case("defaults of settings", defaults, udpechod)
        tap.case("the report in JSON", report, udpechod, pages["udpechod.8"])
        tap.case("the doctor's report in JSON", doctor, udpechod, pages["udpechod.8"])
        os.chdir("/")
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
