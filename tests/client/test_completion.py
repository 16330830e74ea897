#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Completion in real shells: `test_completion.py UDPECHO UDPECHOD`"""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

from tap import Skip, Tap, patience

APP = os.path.join(HERE, "..", "..", "app")
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"
PATIENCE = patience(20)  # seconds


def folder_of(name, program):
    """Where its completion is: a file of the source, or one that was built beside the program."""
    built = os.path.dirname(program)
    return built if os.path.exists(os.path.join(built, f"{name}.bash")) else os.path.join(APP, name)


def options_of(program):
    """The long options that --help names."""
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^ +(?:-\w, )? *(--[a-z0-9-]+)", text, flags=re.M))


def bash(name, program, *words):
    """What bash offers for the last of the words."""
    if not os.path.exists(BASH_COMPLETION):
        raise Skip("no bash-completion here")
    script = f'''
. {BASH_COMPLETION}
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMP_LINE="$*"
COMP_POINT=${{#COMP_LINE}}
compopt() {{ :; }}
_{name} "$1" "${{COMP_WORDS[-1]}}" "${{COMP_WORDS[-2]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
'''
    done = subprocess.run(["bash", "--norc", "-c", script, "bash", os.path.join(folder_of(name, program), f"{name}.bash"), program, *words],
                          capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stderr == "", done.stderr
    return [line for line in done.stdout.splitlines() if line]


def bash_options(name, program):
    offered = {word.rstrip("=") for word in bash(name, program, "--")}
    assert offered == options_of(program), offered ^ options_of(program)


def bash_values(udpecho, udpechod):
    for option, values in (("--report", "text json"), ("--idle", "auto spin pause sleep interrupt"), ("--partial-checksums", "auto on off"),
                           ("--variant", "auto reference scalar avx2 avx512 neon"), ("--log-level", "error warning notice info debug")):
        assert bash("udpechod", udpechod, option, "") == values.split(), option
    assert bash("udpechod", udpechod, "--idle", "s") == ["spin", "sleep"]
    for option in ("--acl", "--config", "-c"):
        assert "/dev/null" in bash("udpechod", udpechod, option, "/dev/nul"), option
    assert bash("udpechod", udpechod, "-d", "pc") == ["pci:", "pcap:", "pcap-live:"]
    assert bash("udpecho", udpecho, "-I", "l") == ["lo"], bash("udpecho", udpecho, "-I", "l")
    assert bash("udpecho", udpecho, "--ti") == ["--timeout="]


def zsh(program, name, line, wanted):
    """Types LINE and a tab into a zsh of its own, until it shows WANTED."""
    if shutil.which("zsh") is None:
        raise Skip("no zsh here")
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="dumb", PATH=os.path.dirname(program) + ":" + os.environ["PATH"], PS1="ready> ")
        os.execvp("zsh", ["zsh", "-f", "-i"])
    try:
        seen = ""

        def expect(text):
            nonlocal seen
            end = time.monotonic() + PATIENCE
            while text not in seen:
                assert select.select([terminal], [], [], max(0, end - time.monotonic()))[0], f"no {text!r} in {seen!r}"
                seen += os.read(terminal, 4096).decode(errors="replace")
            seen = seen[seen.index(text) + len(text):]

        expect("ready> ")
        os.write(terminal, f"fpath=({folder_of(name, program)} $fpath); autoload -U compinit; compinit -u -D; echo do''ne\n".encode())
        expect("done")
        os.write(terminal, line.encode() + b"\t")
        expect(wanted)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def main():
    udpecho, udpechod = map(os.path.abspath, sys.argv[1:3])
    tap = Tap()
    tap.case("bash: every option of udpecho", bash_options, "udpecho", udpecho)
    tap.case("bash: every option of udpechod", bash_options, "udpechod", udpechod)
    tap.case("bash: values", bash_values, udpecho, udpechod)
    tap.case("zsh: an option of udpecho", zsh, udpecho, "udpecho", "udpecho --tim", "--timeout=")
    tap.case("zsh: an option of udpechod", zsh, udpechod, "udpechod", "udpechod --icmp-a", "--icmp-arp-rate-limit=")
    tap.case("zsh: an option without a value", zsh, udpechod, "udpechod", "udpechod --doc", "--doctor")
    tap.case("zsh: a value", zsh, udpechod, "udpechod", "udpechod --report=js", "--report=json")
    tap.case("zsh: on or off", zsh, udpechod, "udpechod", "udpechod --partial-checksums=of", "--partial-checksums=off")
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
