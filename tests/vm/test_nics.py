#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""udpechod on the NICs that QEMU emulates, through DPDK's own drivers: `test_nics.py UDPECHOD`."""
import contextlib
import os
import signal
import sys
import tempfile

import guest
import traffic
from kernel_peer import PEERS, check, open_taps
from lab import MAC, NICS, Appliance
from machine import Broken, Machine

from tap import Tap
from world import World

FIRST_SLOT = 0x10


def check_answers(appliance):
    appliance.exchange(traffic.questions() + traffic.pings())


def check_flap(appliance):
    """The link goes and comes, as the operator of a switch would have it."""
    appliance.flaps += 1
    appliance.machine.set_link(appliance.wire, False)
    appliance.await_log("link down\n")
    appliance.machine.set_link(appliance.wire, True)
    appliance.await_announcement()
    appliance.exchange(traffic.pings())


def run_session(case, appliance, *cases):
    """One run of udpechod, from its start to its report."""
    started = []
    case("starts, and announces itself", lambda: started.append(appliance.__enter__()))
    if not started:
        return
    try:
        for name, function, *arguments in cases:
            case(name, function, *arguments)
        case("SIGTERM ends it, and its report counts as the model does", appliance.stop)
    finally:
        appliance.__exit__()


def run_nic(tap, machine, nic, slot, wire):
    def case(name, function, *arguments):
        tap.case(f"{nic.model}{label}: {name}", function, *arguments)

    label, appliance = "", Appliance(machine, wire, nic, slot)
    run_session(
        case, appliance,
        ("ARP and ping", check_answers, appliance),
        ("echoes every size up to the MTU", appliance.exchange, traffic.echoes()),
        *((f"echoes with tags: {tag}", appliance.exchange, traffic.tagged(tag)) for tag in traffic.TAGS),
        ("malformed frames", appliance.exchange, traffic.malformed(1000)),
        ("very many tiny fragments", appliance.exchange, traffic.tiny_fragments()),
        ("large datagrams", appliance.exchange, traffic.large_datagrams()),
        ("fragments of all sorts", appliance.exchange, traffic.random_fragments(100)),
        ("and still all sizes", appliance.exchange, traffic.echoes()[::50]),
        ("the link goes and comes", check_flap, appliance))

    label, appliance = " --mtu=9000 --idle=interrupt", Appliance(machine, wire, nic, slot, "--idle=interrupt", mtu=9000)
    run_session(case, appliance, ("jumbo frames", appliance.exchange, traffic.jumbo()), ("ARP and ping", check_answers, appliance))


def boot(machine, directory, udpechod):
    """The machine with every kind of NIC, each on a wire of its own; the wires."""
    initrd = guest.make_initrd(directory, udpechod)
    wires = [machine.add_wire(nic.model, MAC, FIRST_SLOT + number) for number, nic in enumerate(NICS)]
    machine.boot("-kernel", guest.kernel()[0], "-append", guest.APPEND, "-initrd", initrd)
    try:
        machine.shell.check("true")
    except Broken as broken:
        raise Broken(f"{broken}\n{machine.said()}") from broken
    return wires


def plug_in(stack, machine):
    """The NICs of PEERS, each with a namespace of its own; the namespaces."""
    places = []
    for number, peer in enumerate(PEERS):
        place = stack.enter_context(World("tap", checksum_offload=True))
        machine.add_taps(peer.model, MAC, FIRST_SLOT + len(NICS) + number, open_taps(place, peer.taps), **peer.options)
        place.connect()
        places.append(place)
    return places


def run_peers(tap, machine, places):
    for number, (peer, place) in enumerate(zip(PEERS, places)):
        name = ", ".join([f"{peer.model}, {peer.queues} queues", *(f"{key}={value}" for key, value in peer.options.items())])
        tap.case(f"{name}: echoes to sockets", check, machine, place, peer, FIRST_SLOT + len(NICS) + number)


def main():
    udpechod = os.path.abspath(sys.argv[1])
    # An end by a signal, too, shall take the namespaces away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    tap, wires, places = Tap(), [], []
    with contextlib.ExitStack() as stack:
        directory, machine = stack.enter_context(tempfile.TemporaryDirectory()), stack.enter_context(Machine())
        tap.case("namespaces and TAP interfaces of our own", lambda: places.extend(plug_in(stack, machine)))
        tap.case("the machine boots", lambda: wires.extend(boot(machine, directory, udpechod)))
        for number, wire in enumerate(wires):
            run_nic(tap, machine, NICS[number], FIRST_SLOT + number, wire)
        if wires:
            run_peers(tap, machine, places)
    return tap.exit_status()


if __name__ == "__main__":
    sys.exit(main())
