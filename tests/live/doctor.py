# SPDX-License-Identifier: BSD-3-Clause
"""--doctor in a network of the test's own, asked from here."""
import json
import subprocess

from world import APPLIANCE, PREFIX, command

from tap import patience


def examine(place, program, *arguments, device=None, before=()):
    """Its status and its findings, by the name of the check."""
    done = subprocess.run(
        ["ip", "netns", "exec", place.appliance, *before, program, "--doctor", "--report=json",
         "-d", device or place.device, "-a", APPLIANCE + PREFIX, *arguments],
        capture_output=True, text=True, timeout=patience(20), check=False)
    assert done.stderr == "", done.stderr
    report = json.loads(done.stdout)
    assert sum(report["counts"].values()) == len(report["findings"]), report
    assert done.returncode == (1 if report["counts"]["stop"] else 0), (done.returncode, report["counts"])
    return done.returncode, {finding["check"]: finding for finding in report["findings"]}


def apply_fix(place, finding):
    command("ip", "netns", "exec", place.appliance, "sh", "-c", finding["mend"])


def check_fix(place, program, check, grade, *arguments, device=None):
    """The finding is of that grade, and gone once its fix has been typed; returns it. A stop is one indeed."""
    status, found = examine(place, program, *arguments, device=device)
    assert found[check]["grade"] == grade, found
    if grade == "stop":
        done = place.refused(program, "-a", APPLIANCE + PREFIX, *arguments)
        assert status == 1 and done.returncode == 1, "and udpechod starts all the same"
        assert done.stderr.startswith(f'udpechod: device {place.device}: {found[check]["text"]}'), (done.stderr, found)
    apply_fix(place, found[check])
    _, cured = examine(place, program, *arguments, device=device)
    assert cured[check]["grade"] == "ok", cured
    return found[check]
