# SPDX-License-Identifier: BSD-3-Clause
"""Echo servers of all sorts, on one end of a veth, as a socket on the other sees them.

Each measurement has a network of its own (drawn in tests/live/world.py); client and server are pinned
to a core each. Both kernels finish the checksums of what they send, so that every server gets, and
sends, the same frames.
"""
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import bench

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("live", ".")]
from tap import Skip  # noqa: E402
from world import (APPLIANCE, INTERFACE, PATIENCE, PREFIX, Appliance, World, command, die_with_us,  # noqa: E402
                   require_tool, wait_until)

CLIENT_CORE, SERVER_CORE, WINDOW = 0, 1, 32


@contextlib.contextmanager
def started(world, *arguments):
    """A server's process on the appliance's side; `ip` becomes it, so its process number is the server's."""
    with subprocess.Popen(["ip", "netns", "exec", world.appliance, *arguments], preexec_fn=die_with_us,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            yield
            assert process.poll() is None, f"{arguments[0]} ended: {process.stdout.read().decode()}"
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=PATIENCE)
            process.kill()


@contextlib.contextmanager
def udpechod(options, world):
    with Appliance(world, options.udpechod, f"--cores={SERVER_CORE}", "--idle=spin") as appliance:
        yield
        appliance.stop()


def testpmd(_, world):
    require_tool("dpdk-testpmd")
    return started(world, "dpdk-testpmd", "-l", f"{CLIENT_CORE},{SERVER_CORE}", "--no-pci", "--no-huge",
                   "--no-shconf", "--no-telemetry", "-m", "256", f"--file-prefix=bench{os.getpid()}",
                   f"--vdev=net_{world.kind}0,iface={INTERFACE}", "--",
                   "--forward-mode=5tswap", "--auto-start", "--total-num-mbufs=16384")


def kernel(batch):
    def start(options, world):
        command("ip", "-n", world.appliance, "address", "add", APPLIANCE + PREFIX, "dev", INTERFACE)
        return started(world, options.build / "tests/bench/live_server", f"--core={SERVER_CORE}",
                       f"--batch={batch}", APPLIANCE)
    return start


@contextlib.contextmanager
def xdp(options, world):
    program = str(options.build / "tests/bench/xdp_echo.bpf.o")
    for namespace, interface, section in ((world.appliance, INTERFACE, "xdp"),
                                          (world.client, world.interface, "xdp.pass")):
        command("ip", "-n", namespace, "link", "set", "dev", interface, "xdpdrv", "obj", program, "sec", section)
    yield


OURS, RIVAL = "udpechod on AF_XDP", "testpmd 5tswap on AF_XDP"
SINGLY, IN_BATCHES = "kernel, recvfrom and sendto", "kernel, recvmmsg and sendmmsg"

# The kind of device, and a context manager with the server at work.
SERVERS = {
    OURS: ("af_xdp", udpechod),
    RIVAL: ("af_xdp", testpmd),
    "udpechod on AF_PACKET": ("af_packet", udpechod),
    "testpmd 5tswap on AF_PACKET": ("af_packet", testpmd),
    SINGLY: ("veth", kernel(1)),
    IN_BATCHES: ("veth", kernel(32)),
    "XDP_TX, run within the client's send": ("veth", xdp),
}
RATE = f"echoes a second, window {WINDOW}"
# What the client prints: the heading, in how many digits of what unit.
COLUMNS = {
    "p50": ("p50, µs", 1, 1000),
    "p99": ("p99, µs", 1, 1000),
    "p99.9": ("p99.9, µs", 1, 1000),
    "echoes_per_second": (f"{RATE}, thousands", 0, 1000),
}


def connect(world):
    """No frame but the client's, so no ARP, which not all servers answer."""
    command("ip", "netns", "exec", world.appliance, "ethtool", "-K", INTERFACE, "tx", "off")
    mac = json.loads(command("ip", "-n", world.appliance, "-json", "link", "show", INTERFACE))[0]["address"]
    command("ip", "-n", world.client, "neighbour", "replace", APPLIANCE, "lladdr", mac,
            "dev", world.interface, "nud", "permanent")


def wait_for_echo(world):
    def echoes():
        with contextlib.suppress(socket.timeout, ConnectionRefusedError):
            probe.send(b"ready?")
            return probe.recv(100) == b"ready?"
        return False

    with world.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.05)
        probe.connect((APPLIANCE, 7))
        wait_until(echoes, "an echo")


def measure(options, kind, start):
    """One server in one round: what the client prints, in a closed loop and with a window."""
    def client(*arguments):
        done = world.run(options.build / "tests/bench/live_client", f"--core={CLIENT_CORE}",
                         f"--seconds={0.3 if options.quick else 1.5}", *arguments, APPLIANCE, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with World(kind) as world:
        connect(world)
        with start(options, world):
            wait_for_echo(world)
            one, many = client(), client(f"--window={WINDOW}")
    return {**one, **many, "lost": one["lost"] + many["lost"]}


def set_niceness(value):
    """Ours and that of all processes started from now on."""
    os.setpriority(os.PRIO_PROCESS, 0, value)
    # Where each session is a group to the scheduler, that counts within the session only.
    with contextlib.suppress(FileNotFoundError):
        Path("/proc/self/autogroup").write_text(str(value), encoding="ascii")


@contextlib.contextmanager
def precedence():
    """What else runs on the machine disturbs less."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    set_niceness(-20)
    try:
        yield
    finally:
        set_niceness(before)


def compare(runs):
    """[what, the spread of its ratio, what it is to reach, and at best]"""
    def of(name, column):
        return [run[column] for run in runs[name]]

    fastest = [min(pair) for pair in zip(of(SINGLY, "p50"), of(IN_BATCHES, "p50"))]
    p50, rate = of(OURS, "p50"), of(OURS, "echoes_per_second")
    return [
        ["p50, AF_XDP / faster kernel server", bench.ratios(p50, fastest), "<= 0.40", "0.25"],
        [f"{RATE}, AF_XDP / recvmmsg", bench.ratios(rate, of(IN_BATCHES, "echoes_per_second")), ">= 1.60", "2.50"],
        ["p50, AF_XDP / testpmd on AF_XDP", bench.ratios(p50, of(RIVAL, "p50")), "<= 1.00", "0.80"],
        [f"{RATE}, AF_XDP / testpmd on AF_XDP", bench.ratios(rate, of(RIVAL, "echoes_per_second")),
         ">= 1.00", "1.20"],
    ]


def run(options):
    # With default arguments, each callable keeps its own of the loop's values.
    contenders = {name: lambda kind=kind, start=start: measure(options, kind, start)
                  for name, (kind, start) in SERVERS.items()}
    try:
        with precedence():
            runs = bench.rounds("live", options, contenders)
    except (Skip, PermissionError) as why:
        bench.fail(f"live: {why}")
    return {
        "servers": {name: {column: bench.spread(run[column] for run in of_one) for column in (*COLUMNS, "lost")}
                    for name, of_one in runs.items()},
        "ratios": compare(runs),
    }


def tables(result):
    servers = [[name, *(bench.show(values[column], digits, scale)
                        for column, (_, digits, scale) in COLUMNS.items())]
               for name, values in result["servers"].items()]
    ratios = [[what, bench.show(ratio), *targets] for what, ratio, *targets in result["ratios"]]
    return (bench.table(["server", *(heading for heading, _, _ in COLUMNS.values())], servers) + "\n" +
            bench.table(["ratio", "measured", "to reach", "at best"], ratios))


def plot(result, path):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(reversed(result["servers"]))
    figure, axes = pyplot.subplots(1, 2, figsize=(12, 4), sharey=True)
    for axis, column, title in zip(axes, ("p50", "echoes_per_second"),
                                   ("round trip, median, µs", f"thousand {RATE}")):
        spreads = [result["servers"][name][column] for name in names]
        axis.barh(names, [spread["median"] / 1000 for spread in spreads], capsize=2,
                  xerr=[[(spread["median"] - spread["min"]) / 1000 for spread in spreads],
                        [(spread["max"] - spread["median"]) / 1000 for spread in spreads]])
        axis.set_title(title)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
