# SPDX-License-Identifier: BSD-3-Clause
"""Programs that run lib/packet on every value at once, and check what comes out."""
import subprocess
import sys

from framac import Broken, Unproven
from symbolic.machine import ANYTHING, Machine
from symbolic.module import compile_source
from symbolic.ways import Refuted, go_every_way

SOURCES = ["answer", "arp", "checksum", "eth", "frame", "icmp", "icmp6", "ipv4", "ipv6", "ndp", "service/echo", "udp",
           "plain/plain", "plain/scalar"]

# What is asked of an identity, and sums, as Machine takes them.
PURE = dict.fromkeys(["identity_joined_ipv6", "identity_joined_mac", "identity_owns_ipv4", "identity_owns_ipv6",
                      "identity_refuses_ipv4", "identity_refuses_ipv6", "identity_service", "is_allowed", "port_set_has",
                      "checksum_fold", "checksum_finish", "checksum_pseudo_header", "checksum_update"]) | {
                          "checksum_add": (1, 2)}

# The scalar variant is group.h with one lane, which sums and folds by itself. What it finds out of addresses is
# what the reference does: "owns" says so.
BY_LANES = {name: how for name, how in PURE.items() if name not in ("checksum_fold", "checksum_finish", "checksum_update")} | {
    "group_owns": "identity_owns_ipv4", "group_refuses": "identity_refuses_ipv4"}

# Each: the program, where it starts, what is taken for any, and the logic that z3 finds quickest.
PROOFS = {
    "known": ("known", "prove_known", {}, "QF_AUFBV"),
    "reply": ("reply", "prove_reply", PURE | {"frame_checksum": ANYTHING, "options_are_refused": (0, 1)}, "QF_AUFBV"),
    "scalar": ("scalar", "prove_scalar", BY_LANES, "QF_AUFBV"),
    "owns": ("owns", "prove_owns", {}, "QF_AUFBV"),
    "update": ("sums", "prove_update", {}, "QF_BV"),
    "swap": ("sums", "prove_swap", {}, "QF_BV"),
    "halves": ("sums", "prove_halves", {}, "QF_BV"),
}

REFUTED = 3


def prove(tree, proof, *defines):
    """PROOF of TREE, with DEFINES for its program; returns how many ways through it there are. In a
    process of its own, which forks."""
    done = subprocess.run([sys.executable, __file__, tree, proof, *defines], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode == REFUTED:
        raise Unproven(done.stdout)
    if done.returncode != 0:
        raise Broken(done.stdout)
    return done.stdout


def main(tree, proof, *defines):
    name, entry, pure, logic = PROOFS[proof]
    options = [f"-I{tree}/include", *(f"-D{define}" for define in defines)]
    paths = [f"{tree}/lib/packet/{source}.c" for source in SOURCES] + [f"{tree}/tests/proof/{name}.c"]
    machine = Machine([compile_source(path, *options) for path in paths], pure, logic)
    try:
        print(f"{go_every_way(machine, lambda: machine.start(entry))} ways")
    except Refuted as refuted:
        print(f"[{name}] {refuted}", end="")
        sys.exit(REFUTED)


if __name__ == "__main__":
    main(*sys.argv[1:])
