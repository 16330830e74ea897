#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The model agrees with the golden cases, and its reasoning about checksums holds."""
import difflib
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "golden")]
from cases import CASES  # noqa: E402
from casefile import format_case, parse_case  # noqa: E402
from model import replay  # noqa: E402
from offline import LIVE_ONLY, number_frames, read_verdicts, write_files  # noqa: E402
from scapy.utils import checksum  # noqa: E402
from settings import parse_options  # noqa: E402
from tap import Tap  # noqa: E402

NOTABLE = (0x0000, 0x0001, 0x00FF, 0x0100, 0x7FFF, 0x8000, 0xFEFF, 0xFF00, 0xFFFE, 0xFFFF)


def by_the_model(case):
    """The case with the model's verdicts and replies instead of its own, and the details that it knows."""
    records = number_frames((one.frame, one.wire_length, one.time_us) for one in case.exchanges)
    with tempfile.TemporaryDirectory() as directory:
        write_files(case.files, directory)
        answers, expired = replay(parse_options(case.arguments), records, directory)
    return case._replace(fragments_expired=expired, exchanges=[
        exchange._replace(verdict=answer.verdict, replies=answer.replies,
                          explain=exchange.explain and (answer.detail or exchange.explain))
        for exchange, answer in zip(case.exchanges, answers)])


def check_case(case):
    texts = [format_case(one).splitlines() for one in (case, by_the_model(case))]
    difference = list(difflib.unified_diff(*texts, "case", "model", n=9, lineterm=""))
    assert not difference, "\n".join(["", *difference])


def check_text_form():
    for case in CASES:
        assert parse_case(format_case(case)) == case, f"{case.name} is not what its text says"


def check_verdicts_met():
    met = {exchange.verdict for case in CASES for exchange in case.exchanges}
    missing = set(read_verdicts()) - met - LIVE_ONLY
    assert not missing, f"no case for {', '.join(sorted(missing))}"


def check_never_longer():
    """But for replies to fragments, which are to all of them, reports of an unreachable port, and advertisements."""
    for case in CASES:
        if any(exchange.verdict == "ip-fragment-kept" for exchange in case.exchanges):
            continue
        for exchange in case.exchanges:
            more = {"icmp-unreachable": 48 if exchange.frame[12:14] == b"\x86\xdd" else 28, "nd-reply": 8}.get(exchange.verdict, 0)
            assert sum(map(len, exchange.replies)) <= len(exchange.frame) + more, f"{case.name}: {exchange.note}"


def rfc1624(check, old, new):
    """HC' = ~(~HC + ~m + m'), the incremental update, with 16-bit words in one's complement."""
    total = (check ^ 0xFFFF) + (old ^ 0xFFFF) + new
    total = (total & 0xFFFF) + (total >> 16)
    return ((total & 0xFFFF) + (total >> 16)) ^ 0xFFFF


def check_incremental():
    """What model.py claims: for IPv4 headers the incremental update gives what the full sum does."""
    for rest in NOTABLE:  # all of the header but its version, the word that changes and the checksum
        for old in NOTABLE:
            for new in NOTABLE[1:]:  # the TTL's word and the total length are never 0
                before, after = (b"".join(word.to_bytes(2, "big") for word in (0x4500, rest, word)) for word in (old, new))
                for check in {checksum(before), checksum(before) or 0xFFFF}:  # 0 may come as 0xffff
                    assert rfc1624(check, old, new) == checksum(after) != 0xFFFF, f"{rest:04x} {old:04x} {new:04x}"


def check_incremental_icmp():
    """And the one reply for which it gives what no receiver accepts."""
    differ = [(rest, check) for rest in range(0x10000) for check in {checksum(b"\x08\0" + rest.to_bytes(2, "big"))}
              if rfc1624(check, 0x0800, 0) != checksum(b"\0\0" + rest.to_bytes(2, "big"))]
    assert differ == [(0, 0xF7FF)], differ[:5]


if __name__ == "__main__":
    tap = Tap()
    for each in CASES:
        tap.case(f"the model agrees with {each.name}", check_case, each)
    tap.case("the text of a case says all of it", check_text_form)
    tap.case("each verdict has a case", check_verdicts_met)
    tap.case("no reply is longer than its request", check_never_longer)
    tap.case("incremental and full IPv4 checksums are the same", check_incremental)
    tap.case("incremental and full ICMP checksums differ for zeros alone", check_incremental_icmp)
    sys.exit(tap.exit_status())
