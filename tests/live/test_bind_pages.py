#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The hugepages that scripts/bind-nic reserves and gives back: `test_bind_pages.py UDPECHOD`"""
import os
import sys

from computer import BOUND, NIC, NODE, OTHER, RESERVED, computer

from tap import Tap


def check_hugepages():
    """Those of others are neither taken nor given back."""
    with computer() as machine:
        machine.set_pages(512, 130)
        machine.succeed("-y", "ens1")
        assert machine.calls() == [*BOUND, *RESERVED[1:]], machine.calls()
        machine.succeed("-y", "--undo", NIC)
        assert machine.read(f"{NODE}/nr_hugepages") == "512"
    with computer() as machine:
        machine.set_pages(512, 100)
        machine.succeed("-y", "ens1")
        assert machine.read(f"{NODE}/nr_hugepages") == "640"
        machine.set_pages(640, 90)  # somebody uses them
        assert "in use" in machine.succeed("-y", "--undo", NIC)
        assert machine.read(f"{NODE}/nr_hugepages") == "640" and machine.driver() == "i40e"
    with computer() as machine:
        machine.remove("devices/system/node/node1/hugepages")
        machine.refuse("-y", "ens1", says="no hugepages")


def check_two():
    """The second NIC's undoing is its own."""
    with computer() as machine:
        machine.succeed("-y", "ens1")
        machine.set_pages(128, 100)
        machine.succeed("-y", "ens2")
        assert machine.read(f"{NODE}/nr_hugepages") == "256"
        machine.succeed("-y", "--undo", OTHER)
        assert (machine.driver(), machine.driver(OTHER), machine.read(f"{NODE}/nr_hugepages")) == ("vfio-pci", "i40e", "128")


def check_at_once():
    """Each of two that are called at the same time gets its hugepages, as if one came after the other."""
    for script in ('"$@" ens1 & first=$!; "$@" ens2 && wait $first', '"$@" ens1 && "$@" ens2'):
        with computer() as machine:
            machine.succeed("--yes", before=("sh", "-c", script, "sh"))
            assert machine.read(f"{NODE}/nr_hugepages") == "256", machine.calls()
            machine.succeed("-y", "--undo", NIC)
            assert machine.read(f"{NODE}/nr_hugepages") == "128", machine.calls()
            machine.succeed("-y", "--undo", OTHER)
            assert machine.read(f"{NODE}/nr_hugepages") == "0" and os.listdir(machine.root / "run") == ["log"]


def check_too_few():
    """What was reserved of them is given back, whether or not the tool says that it failed."""
    for status in (0, 1):
        with computer() as machine:
            machine.write(f"{NODE}/most", "100\n")
            machine.write(f"{NODE}/status", f"{status}\n")
            done = machine.run("-y", "ens1")
            assert done.returncode == 1 and f"; to undo: bind-nic --undo {NIC}" in done.stderr, done
            assert machine.read(f"{NODE}/nr_hugepages") == "100"
            machine.write(f"{NODE}/status", "0\n")
            machine.succeed("-y", "--undo", NIC)
            assert machine.read(f"{NODE}/nr_hugepages") == "0" and machine.driver() == "i40e"


def main():
    tap = Tap()
    tap.case("hugepages: only what is missing", check_hugepages)
    tap.case("two NICs", check_two)
    tap.case("two at once", check_at_once)
    tap.case("fewer hugepages than asked for", check_too_few)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
