#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What the client writes into files: CSV and plots.

Usage: test_results.py UDPECHO
"""
import csv
import os
import re
import subprocess
import sys
import tempfile
import xml.dom.minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from client import CLIENT, run
from measure import Harm, measure
from server import PATIENCE, Server, echo
from tap import Skip, Tap


def csv_lines():
    """A line for each datagram and what became of it."""
    harm = Harm(drop=7, duplicate=11)
    with Server(harm) as peer, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.csv")
        run("--rate=2000", "--count=200", "--flows=2", "--threads=2", "-w", "2", "--csv", path, "127.0.0.1", peer.port)
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    fates = [row["fate"] for row in rows]
    assert fates.count("lost") == harm.done["drop"] and fates.count("duplicate") == harm.done["duplicate"], fates
    assert fates.count("received") == 200 - harm.done["drop"], fates
    assert {(row["source_port"], row["sequence"]) for row in rows} == {(port, str(n)) for port in {row["source_port"] for row in rows}
                                                                      for n in range(100)}
    assert all(int(row["latency_ns"]) > 0 and row["reply_bytes"] == "64" for row in rows if row["fate"] == "received")


def csv_late():
    """One line for what was given up, and then came."""
    harm = Harm(drop=7, delay=10)
    with Server(harm) as peer, tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.csv")
        _, got, _ = measure(peer.port, "--rate=200", "--count=1200", "--timeout=2.5", "--csv", path)
        with open(path, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    fates = [row["fate"] for row in rows]
    assert sorted(int(row["sequence"]) for row in rows) == list(range(1200)), fates
    assert {fate: fates.count(fate) for fate in ("received", "late", "lost")} == {fate: got["total"][fate] for fate in ("received", "late", "lost")}, fates
    assert got["total"]["late"] > 10, got["total"]


def csv_unwritable():
    with Server(echo) as peer:
        status, stdout, stderr = run("--count=1", "--csv=/nowhere/x", "127.0.0.1", peer.port)
    assert (status, stdout, stderr) == (1, "", "udpecho: write /nowhere/x: no such file or directory\n"), (status, stdout, stderr)
    with Server(echo) as peer:
        status, stdout, stderr = run("--rate=1000", "--count=20", "-w", 5, "--csv=/dev/full", "127.0.0.1", peer.port)
    assert (status, stderr) == (1, "udpecho: write /dev/full: no space left on device\n") and "20 sent, 20 received" in stdout, (status, stdout, stderr)


def plots():
    """Both formats are what they say, and the red of losses is there only where something was lost."""
    with tempfile.TemporaryDirectory() as directory:
        pictures = []
        for every in ({}, {"drop": 5}):
            with Server(Harm(**every)) as peer:
                for name in ("a.svg", "a.png"):
                    path = os.path.join(directory, name)
                    status, _, stderr = run("--rate=1000", "--count=300", "--threads=2", "--flows=2", "-w", "3", "--plot", path, "127.0.0.1", peer.port)
                    assert (status, stderr) == (0, ""), (status, stderr)
            with open(os.path.join(directory, "a.svg"), encoding="utf-8") as file:
                pictures.append(file.read())
            with open(os.path.join(directory, "a.png"), "rb") as file:
                head = file.read(24)
            assert head[:8] == b"\x89PNG\r\n\x1a\n" and head[16:] == bytes([0, 0, 2000 >> 8, 2000 & 255, 0, 0, 1440 >> 8, 1440 & 255]), head
    bars = []
    for picture in pictures:
        assert xml.dom.minidom.parseString(picture).documentElement.tagName == "svg"
        bars.append(len(re.findall(r"rgb\(75(?:\.\d+)?%, ?10(?:\.\d+)?%", picture)))
    print(f"# red shapes without and with losses: {bars}")
    assert bars[0] == 1 and bars[1] > 5, bars  # one is the legend's


def plot_unwritable():
    """What is wrong with the name is said before anything is sent, and a full disk in the end."""
    with Server(echo) as peer, tempfile.TemporaryDirectory() as directory:
        for end in ("svg", "png"):
            status, stdout, stderr = run("--count=1", f"--plot=/nowhere/x.{end}", "127.0.0.1", peer.port)
            assert (status, stdout, stderr) == (1, "", f"udpecho: write /nowhere/x.{end}: no such file or directory\n"), (status, stdout, stderr)
            assert not peer.received, peer.received
        for end in ("svg", "png"):
            full = os.path.join(directory, f"full.{end}")
            os.symlink("/dev/full", full)
            status, _, stderr = run("--count=1", "--plot", full, "127.0.0.1", peer.port)
            assert (status, stderr) == (1, f"udpecho: write {full}: no space left on device\n"), (status, stderr)


def files_and_streams():
    """A CSV on standard output, the results beside it; and no part of a picture where the disk is full."""
    with Server(echo) as peer, tempfile.TemporaryDirectory() as folder:
        status, stdout, stderr = run("--rate=1000", "--count=20", "-w", "2", "--csv=-", "127.0.0.1", peer.port)
        assert status == 0 and len(stdout.splitlines()) == 21 and stdout.startswith("host,source_port,"), stdout
        assert "20 sent, 20 received" in stderr and "udpecho: " not in stderr, stderr
        if os.geteuid() != 0:
            raise Skip("wants root, for a disk that is full")
        script = 'mount -n -t tmpfs -o size=4k none "$1" && cd "$1" && shift && "$@"; status=$?; ls >&2; exit $status'
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", folder, CLIENT, "--rate=1000", "--count=20", "-w", "2",
                               "--plot=a.png", "127.0.0.1", str(peer.port)], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (done.returncode, done.stderr) == (1, "udpecho: write a.png: no space left on device\n"), done


def main():
    tap = Tap()
    tap.case("CSV", csv_lines)
    tap.case("CSV of late replies", csv_late)
    tap.case("CSV, unwritable", csv_unwritable)
    tap.case("plots", plots)
    tap.case("a plot, unwritable", plot_unwritable)
    tap.case("files, and a stream", files_and_streams)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
