#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What udpechod says when it cannot do as it is told: one line, and a status. `test_errors.py UDPECHOD`"""
import contextlib
import json
import os
import re
import resource
import signal
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden")]
from offline import Record, read_pcap, write_pcap  # noqa: E402
from tap import Skip, Tap, patience  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
ADDRESS, MAC = "-a198.18.0.2/24", "-m02:00:00:00:00:02"
IDENTITY = [ADDRESS, MAC]
IN = ["-d", "pcap:in.pcap", *IDENTITY]
TIMEOUT = patience(20)  # seconds: so that an error that is not found does not hang the test
# Broadcast ARP request for 198.18.0.2: the shortest way to a reply.
REQUEST = bytes.fromhex("ffffffffffff 020000000001 0806"
                        "0001 0800 06 04 0001 020000000001 c6120001 000000000000 c6120002")


def run(arguments, prefix=(), **options):
    """Runs udpechod by its descriptor, since not everybody may enter the folder it is in."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    with open(PROGRAM, "rb") as program:
        return subprocess.run([*prefix, f"/proc/self/fd/{program.fileno()}", *arguments], text=True, check=False,
                              pass_fds=[program.fileno()], timeout=TIMEOUT, **options)


def check_refused(arguments, status, what, why, prefix=()):
    """One line `udpechod: WHAT: ...WHY...`, and nothing on standard output."""
    done = run(arguments, prefix)
    got = (done.returncode, done.stdout, done.stderr)
    assert done.returncode == status and done.stdout == "", got
    assert re.fullmatch(rf"udpechod: {re.escape(what)}: [^\n]*{re.escape(why)}[^\n]*\n", done.stderr), got


def check_verbose():
    """DPDK's own words, where they are asked for, are no part of the report."""
    done = run([*IN, "--", "--log-level=debug", "--nonsense"])
    assert (done.returncode, done.stdout) == (2, "") and "Usage" in done.stderr, done


def check_nothing_left():
    """Of a start that fails in the middle of EAL's: without --no-huge it makes files, and then finds no hugepages."""
    with tempfile.TemporaryDirectory() as folder:
        done = run([*IN, "--", "--huge-unlink", "--huge-dir=/nowhere"], env=dict(os.environ, RUNTIME_DIRECTORY=folder))
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done
        left = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
        assert not left, left


def check_file_size():
    """Files that may not grow: the report's, and the capture's."""
    with open("report", "w", encoding="ascii") as file:
        done = run(IN, stdout=file, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert (done.returncode, done.stderr) == (1, "udpechod: cannot write the report: File too large\n"), done
    done = run(["-d", "pcap:in.pcap,out.pcap", *IDENTITY], preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    error = "udpechod: device pcap:in.pcap,out.pcap: cannot write out.pcap: File too large\n"
    assert (done.returncode, done.stderr) == (1, error), done


def check_few_files(count):
    """Too few for DPDK, which has a line for each that it misses."""
    done = run(IN, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count)))
    assert (done.returncode, done.stdout) == (1, ""), done
    assert re.fullmatch(r"udpechod: the limit of open files, \d+, is too low: .*`ulimit -n \d+`.*\n", done.stderr), done


def check_no_proc():
    if os.geteuid() != 0:
        raise Skip("wants root, to do without /proc")
    done = subprocess.run(["unshare", "--mount", "sh", "-c", 'umount -l /proc && exec "$@"', "sh", PROGRAM, *IN], text=True,
                          capture_output=True, check=False, timeout=TIMEOUT,
                          env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"})  # which are found by /proc
    # A sanitizer has words of its own for what it misses there.
    errors = "".join(line for line in done.stderr.splitlines(keepends=True) if not line.startswith("=="))
    assert (done.returncode, done.stdout) == (1, "") and re.fullmatch("udpechod: there is no /proc: .*\n", errors), done


def check_no_thread():
    """DPDK panics where it gets none for a worker. This user has no other processes: its limit is of all of them."""
    if os.geteuid() != 0:
        raise Skip("wants root, to be another user")
    check_refused(IN, 1, "DPDK gives up", "Cannot create thread",
                  ["prlimit", "--nproc=2", "setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"])


def check_side_by_side():
    """Each has files of its own: none that ends takes away what another is making."""
    runs = []
    for number in range(32):
        more = ["--", "--no-huge", "-m", "256"] if number % 2 else []
        runs.append(subprocess.Popen([PROGRAM, *IN, *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
    for one in runs:
        errors = one.communicate(timeout=3 * TIMEOUT)[1]
        assert (one.returncode, errors) == (0, ""), (one.args, errors)


def check_killed():
    """What was killed leaves a folder, which the next one removes."""
    folder = os.environ.get("RUNTIME_DIRECTORY", "/var/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR", "/tmp")) + "/dpdk"
    process = subprocess.Popen([PROGRAM, "-d", "vdev:net_null0", *IDENTITY], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stderr.readline()
    assert os.path.isdir(f"{folder}/udpechod-{process.pid}")
    process.kill()
    process.wait()
    assert os.path.isdir(f"{folder}/udpechod-{process.pid}")
    assert run(IN).returncode == 0 and not os.path.exists(f"{folder}/udpechod-{process.pid}")


def check_replay(arguments, prefix=()):
    with contextlib.suppress(FileNotFoundError):
        os.remove("out.pcap")
    done = run(["-d", "pcap:in.pcap,out.pcap", *IDENTITY, *arguments], prefix)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert len(read_pcap("out.pcap")) == 1, "the reply is not in out.pcap"


def check_file_name(name):
    os.link("in.pcap", name)
    done = run(["-d", f"pcap:{name}", *IDENTITY, "--report=json"])
    assert (done.returncode, done.stderr) == (0, "") and '"tx_packets": 1,' in done.stdout, done
    shown = json.loads(done.stdout)["devices"][0]["device"]
    assert shown == "pcap:" + re.sub("[\udc80-\udcff]", "\ufffd", name), shown


def check_output_full(arguments, what):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = run(arguments, stdout=full)
    assert done.returncode == 1, done
    assert re.fullmatch(rf"udpechod: {what}: No space left on device\n", done.stderr), done


def check_capture_full():
    done = run(["-d", "pcap:in.pcap,/dev/full", *IDENTITY])
    error = "udpechod: device pcap:in.pcap,/dev/full: cannot write /dev/full: No space left on device\n"
    assert (done.returncode, done.stderr) == (1, error), done


def check_closed(*descriptors):
    """A file that it opens must not take the place of a standard stream that is closed."""
    with contextlib.suppress(FileNotFoundError):
        os.remove("out.pcap")

    def close():
        for descriptor in descriptors:
            os.close(descriptor)

    done = subprocess.run([PROGRAM, "-d", "pcap:in.pcap,out.pcap", *IDENTITY], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT, preexec_fn=close)
    assert done.returncode == (1 if 1 in descriptors else 0), done
    assert len(read_pcap("out.pcap")) == 1, "the reply is not in out.pcap"


def make_files():
    """What the cases read, in the current folder, where nobody may write too."""
    os.chmod(".", 0o777)
    write_pcap("in.pcap", [Record(10**9, REQUEST)])
    with open("in.pcap", "rb") as file:
        data = file.read()
    for name, content in (("empty.pcap", b""), ("text.pcap", b"This is not a capture.\n" * 9),
                          ("raw.pcap", data[:20] + struct.pack("<I", 101) + data[24:]),
                          ("header.pcap", data[:10]), ("other.pcap", data),
                          ("lonely.conf", b"[udpechod]\n[device a]\ndevice = tap:x\n")):
        with open(name, "wb") as file:
            file.write(content)
    os.symlink("in.pcap", "link.pcap")
    os.mkfifo("fifo")


PORTS = "not a list of ports"
STATION = "not the MAC address of a station"
HELP = "try `udpechod --help`"
# Arguments, status, what is wrong, and part of why.
REFUSED = [
    ([], 2, "no device", "-d"),
    (["-d", "pcap:in.pcap", MAC], 2, "device pcap:in.pcap", "no address"),
    (["-d", "pcap:in.pcap", ADDRESS], 2, "device pcap:in.pcap", "no MAC address"),
    ([*IN, *IN], 2, "device pcap:in.pcap", "given twice"),
    (["-c", "lonely.conf"], 2, "lonely.conf:2: device tap:x", "no address: give one with address ="),
    *[(["-d", device, *IDENTITY], 2, f"option --device: {device}", why) for device, why in (
        ("net_null0", "unknown kind"), ("dpdk:0", "unknown kind"), ("", "unknown kind"), ("pcap", "no name"),
        ("tap:", "no name"), ("pcap:a,b,c", "more than two files: write it as pcap:IN.pcap[,OUT.pcap]"),
        ("pcap:,out.pcap", "no file name"), ("pcap:in.pcap,", "no file name"))],
    *[([*IN, "-a", address], 2, f"option --address: {address}", why) for address, why in (
        ("198.18.0", "not an IP address"), ("198.18.0.256", "not an IP address"), ("", "not an IP address"),
        ("198.18.0.2/33", "not an IP address"), ("198.18.0.2/", "not an IP address"), ("localhost", "not an IP address"),
        ("2001:2::2/129", "not an IP address: write it as 198.18.0.2/24 or 2001:2::2/64"),
        ("fe80::2%eth0", "write the address without its zone"), ("::ffff:198.18.0.2", "write an IPv4 address as 198.18.0.2"),
        ("ff02::1", "no host"), ("::1", "no host"), ("::", "no host"),
        ("0.0.0.0", "no host"), ("127.0.0.1", "no host"), ("224.0.0.1", "no host"), ("255.255.255.255", "no host"))],
    *[([*IN, "-m", mac], 2, f"option --mac: {mac}", STATION) for mac in (
        "02:00:00:00:00", "02:00:00:00:00:zz", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "")],
    ([*IN, "-p", ""], 2, "option --udp-port", "the list is empty"),
    *[([*IN, "-p", ports], 2, f"option --udp-port: {ports}", PORTS) for ports in (
        "0", "65536", "7,", ",7", "7,,8", "9-7", "7-", "-7", "seven", "7 8", "99999999999999999999", "all")],
    *[([*IN, f"--cores={cores}"], 2, "option --cores", "not a list of cores") for cores in (
        "one", "1-0", "1,", "-1", "99999")],
    ([*IN, "--cores="], 2, "option --cores", "the list is empty"),
    ([*IN, "--cores=1023"], 2, "option --cores", "this process may use none of them"),
    ([*IN, "--report=xml"], 2, "option --report: xml", "unknown format"),
    ([*IN, "--nonsense"], 2, "option --nonsense", HELP),
    ([*IN, "-x"], 2, "option -x", HELP),
    ([*IN, "-p"], 2, "option -p", "needs an argument"),
    ([*IN, "--report"], 2, "option --report", "needs an argument"),
    ([*IN, "--check=yes"], 2, "option --check=yes", HELP),
    ([*IN, "in.pcap"], 2, "in.pcap", "not an option"),
    (["-d", "af_packet:lo", ADDRESS, "--explain"], 2, "option --explain", "pcap:FILE"),
    *[(["-d", f"pcap:{files}", *IDENTITY], 1, f"device pcap:{files}", why) for files, why in (
        ("no-such.pcap", "No such file or directory"), (".", "not a file but a directory: name one capture in it"),
        ("/dev/null", "not a file"),
        ("empty.pcap", "not a pcap file"), ("text.pcap", "not a pcap file"), ("header.pcap", "not a pcap file"),
        ("raw.pcap", "not a capture of Ethernet"),
        ("in.pcap,no-such/out.pcap", "No such file or directory"), ("in.pcap,.", "Is a directory"),
        ("in.pcap,in.pcap", "the same file"), ("in.pcap,./in.pcap", "the same file"),
        ("in.pcap,link.pcap", "the same file"))],
    *[(["-d", f"{kind}:{name}", ADDRESS], 1, f"device {kind}:{name}", "no such interface")
      for kind in ("af_xdp", "af_packet", "pcap-live") for name in ("no-such", "a-name-that-is-too-long")],
    (["-d", "af_packet:lo", ADDRESS], 1, "device af_packet:lo", "not an Ethernet interface"),
    (["-d", "pci:0000:ff:1f.7", ADDRESS], 1, "device pci:0000:ff:1f.7", "no such PCI device"),
    (["-d", "pci:nonsense", ADDRESS], 2, "device pci:nonsense", "not a PCI address"),
    (["-d", "pci:nonsense", ADDRESS, "--check"], 2, "device pci:nonsense", "not a PCI address"),
    (["-d", "pci:0000:0a:00.0", ADDRESS, "-d", "pci:0A:00.0", ADDRESS], 2, "device pci:0A:00.0", "given twice"),
    *[(["-d", f"tap:{name}", ADDRESS], 2, f"device tap:{name}", "not a name")
      for name in ("a-name-that-is-too-long", "a/b", "a b", "many%d")],
    ([*IN, "--idle=interrupt"], 2, "device pcap:in.pcap", "no interrupts"),
    (["-d", "pcap:fifo", *IDENTITY], 1, "device pcap:fifo", "can't be a pipe"),
    (["-d", "vdev:no_such_driver0", ADDRESS], 1, "device vdev:no_such_driver0", ""),
]


# What no start can do anything with, so that --check says it, too: options and EAL's arguments.
UNUSABLE = [
    (["--cores=1023"], "option --cores", "this process may use none of them"),
    (["--", "--nonsense"], "EAL arguments --nonsense", "DPDK does not start"),
    (["--", "-l", "1023"], "EAL arguments -l 1023", "lcore 1023"),
    (["--", "--iova-mode=no"], "EAL arguments --iova-mode=no", "invalid parameters for --iova-mode"),
    (["--", "nonsense"], "EAL argument nonsense", "not an option"),
    (["--", "--no-telemetry=1", "nonsense"], "EAL arguments --no-telemetry=1 nonsense", "DPDK does not start"),
    *[(["--", *words], f"EAL argument {words[-1]}", "an appliance is a primary process") for words in (
        ["--proc-type=secondary"], ["--proc-type", "auto"])],  # of which one waits for ever
]
UNCHECKED = [("no-such.pcap", "No such file"), ("text.pcap", "not a pcap file"), ("in.pcap,no-such/out.pcap", "No such file"),
             ("in.pcap,.", "Is a directory"), ("in.pcap,in.pcap", "the same file"), ("in.pcap,-", "standard output is for the report")]


def run_offline(tap):
    for arguments, status, what, why in REFUSED:
        tap.case(f"refused: {' '.join(arguments)!r}", check_refused, arguments, status, what, why)
    for words, what, why in UNUSABLE:
        for more in ((), ("--check",)):
            tap.case(f"refused: {' '.join((*words, *more))}", check_refused, [*IN, *more, *words], 2, what, why)
    for files, why in UNCHECKED:
        tap.case(f"refused by --check: pcap:{files}", check_refused, ["-d", f"pcap:{files}", *IDENTITY, "--check"], 1,
                 f"device pcap:{files}", why)
    for count in (8, 20, 63):
        tap.case(f"{count} open files are too few", check_few_files, count)
    tap.case("64 open files are enough", check_replay, [],
             ["sh", "-c", 'ulimit -n 64 && exec "$@"', "sh"])
    tap.case("files may not grow", check_file_size)
    tap.case("no /proc", check_no_proc)
    tap.case("no thread for a worker", check_no_thread)
    tap.case("nothing is left of a start that failed", check_nothing_left)
    tap.case("32 side by side", check_side_by_side)
    tap.case("another that was killed", check_killed)
    tap.case("an EAL argument that there is not, and what EAL says of it", check_verbose)
    # Not taken for the second of two captures, or as a list, or as more of DPDK's arguments.
    for name in ("a b.pcap", "a[1].pcap", "a(1).pcap", "[a", "a=b.pcap", 'a"b.pcap', "a:b.pcap", "ä.pcap", "%s.pcap", "e\udcff.pcap"):
        tap.case(f"a file named {name!r}", check_file_name, name)
    tap.case("two devices with one output", check_refused,
             ["-d", "pcap:in.pcap,one.pcap", *IDENTITY, "-d", "pcap:other.pcap,one.pcap", *IDENTITY], 2,
             "device pcap:other.pcap,one.pcap", "")
    for format_ in ("text", "json"):
        tap.case(f"a full disk for the report in {format_}", check_output_full, [*IN, f"--report={format_}"],
                 "cannot write the report")
    tap.case("a full disk for --explain", check_output_full, [*IN, "--explain"], "cannot write the report")
    for option in ("--check", "--help", "--version"):
        tap.case(f"a full disk for {option}", check_output_full, [*IN, option], "cannot write to standard output")
    tap.case("a full disk for the replies", check_capture_full)
    for descriptors in ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)):
        tap.case(f"descriptors {descriptors} closed", check_closed, *descriptors)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that folders and namespaces are taken away
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        make_files()
        run_offline(tap)
        os.chdir("/")
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
