# SPDX-License-Identifier: BSD-3-Clause
"""What an appliance could do wrong, done to the model or to its output."""
import sys

import ipv6
import model
import reassembly
import settings
from model import Model
from reassembly import Entry, Reassembly
from settings import AccessList, Bucket, Limit

# What is done wrong, and the golden case that has to notice.
OUTPUT = {
    "exit status": "udp-echo", "a line on standard error": "udp-echo", "a reply lost": "udp-echo", "a reply twice": "udp-echo",
    "replies out of order": "mixed-burst", "a byte of a reply": "udp-echo", "a reply too long": "udp-echo",
    "time of a reply": "udp-echo", "rx_bytes": "udp-echo", "tx_bytes": "udp-echo", "tx_full": "udp-echo",
    "a row missing": "no-frames", "a key missing": "no-frames", "a frame counted twice": "no-frames", "a verdict": "udp-echo",
    "no detail": "udp-echo", "a checksum's detail": "ip-checksum", "fragments_added": "udp-echo", "fragments_expired": "udp-echo",
    "fragments_evicted": "udp-echo",
    "announcements": "udp-echo", "a fragment of a reply lost": "fragments-refragmented",
}
MODEL = {
    "another TTL": "ttl", "a responder forgotten": "udp-source-port", "options let in unread": "ip-options-refused",
    "checksums not looked at": "ip-checksum", "one kind of tag": "vlan-two-tags", "martians answered": "martians",
    "multicast answered": "martians", "nothing expires": "fragments-expired", "overlaps taken": "teardrop",
    "duplicates condemn": "fragments-duplicate", "the condemned forgotten": "fragments-condemned-late",
    "the condemned not counted": "fragments-overlap", "VLANs mixed up": "fragments-vlan",
    "protocols mixed up": "fragments-interleaved", "the last fragment's header": "fragments-first-header",
    "shape not looked at": "ip-fragment", "ends not compared": "fragments-ends",
    "replies never cut": "fragments-refragmented", "cut to 1500 always": "fragments-mtu-longer",
    "cut to 8 bytes too few": "fragments-mtu-1500", "MF on each": "fragments-refragmented",
    "access list not looked at": "acl-longest-match",
    "the shortest prefix": "acl-longest-match", "no token comes back": "rate-limit", "tokens without end": "rate-limit",
    "one bucket for all": "rate-limit-prefix-24", "no limit": "icmp-arp-rate-limit",
    "quotes no options": "icmp-unreachable", "quotes all": "icmp-unreachable",
    "the put together reported": "fragments-policy", "no port blocked": "block-source-port",
    "options of IPv6 let in": "ipv6-options", "in every group": "ipv6-not-for-us",
    "IPv6 without checksums": "ipv6-udp", "all nodes are probed": "nd-reply",
}
ONLY_GOLDEN = {"another file each time": "udp-echo", "129 fragments": "fragments-128", "expires 1 us late": "fragments-expired",
               "half full at first": "rate-limit-burst", "chains without end": "ipv6-extensions",
               "a report of 1,281 bytes": "icmpv6-unreachable", "IPv4 addresses in IPv6": "ipv6-source"}  # which compare.py cannot or hardly meets


def spoil_output(wrong, replies, report, explain):
    """What can be wrong with output rather than with a decision."""
    if wrong == "a reply lost" and replies:
        replies.pop()
    if wrong == "a reply twice" and replies:
        replies.append(replies[-1])
    if wrong == "replies out of order":
        replies.reverse()
    if wrong == "a byte of a reply" and replies:
        replies[0] = replies[0]._replace(frame=replies[0].frame[:-1] + b"?")
    if wrong == "a reply too long" and replies:
        replies[0] = replies[0]._replace(frame=replies[0].frame + b"\0")
    if wrong == "a fragment of a reply lost":
        cut = [one for one in replies if one.frame[12:14] == b"\x08\0" and int.from_bytes(one.frame[20:22], "big") & 0x1FFF]
        replies.remove(cut[-1])
    if wrong == "time of a reply":
        replies[:] = [reply._replace(time_ns=reply.time_ns + 1000) for reply in replies]
    if wrong in ("rx_bytes", "tx_bytes", "tx_full", "fragments_added", "fragments_expired", "fragments_evicted", "announcements"):
        report[wrong] += 4
    if wrong == "a row missing":
        del report["verdicts"]["rate-limit"]
    if wrong == "a key missing":
        del report["arp_conflicts"]
    if wrong == "a frame counted twice":
        report["verdicts"]["eth-type"] += 1
    if wrong == "a verdict" and explain:
        explain[0] = "1 rate-limit the source is over its rate"
    if wrong == "no detail" and explain:
        explain[-1] = " ".join(explain[-1].split()[:2])
    if wrong == "a checksum's detail":
        explain[:] = [line.replace("header says 0x", "header says ") for line in explain]


def patch_model(wrong):
    changed = {
        "a responder forgotten": ("RESPONDERS", model.RESPONDERS[:-1]),
        "options let in unread": ("options_are_fine", lambda options: True),
        "checksums not looked at": ("checksum", lambda data: 0),
        "one kind of tag": ("TAGS", (0x8100,)),
        "martians answered": ("NEVER_ANSWERED", []),
        "multicast answered": ("NEVER_ANSWERED", model.NEVER_ANSWERED[:2]),
        "shape not looked at": ("check_shape", lambda datagram: None),
        "replies never cut": ("mtu_of", lambda records: 65535),
        "cut to 1500 always": ("mtu_of", lambda records: 1500),
        "quotes no options": ("quoted", lambda datagram: datagram.header[:20] + datagram.payload[:8]),
        "quotes all": ("quoted", lambda datagram: datagram.header + datagram.payload),
    }
    if wrong in changed:
        setattr(model, *changed[wrong])
    split, mtu_of = model.split, model.mtu_of
    if wrong == "cut to 8 bytes too few":
        model.mtu_of = lambda records: mtu_of(records) - 8
    if wrong == "MF on each":
        model.split = lambda packet, mtu: [
            part[:6] + bytes([part[6] | 0x20]) + part[7:] if len(packet) > mtu else part for part in split(packet, mtu)]


def patch_ipv6(wrong):
    changed = {
        "options of IPv6 let in": (ipv6, "options_are_skipped", lambda options: True),
        "chains without end": (ipv6, "MOST_HEADERS", 99),
        "in every group": (ipv6.Ipv6, "joined", lambda self, group: True),
        "IPv6 without checksums": (ipv6.Ipv6, "is_right6", staticmethod(lambda *four: True)),
        "a report of 1,281 bytes": (ipv6, "LEAST_MTU", 1281),
        "IPv4 addresses in IPv6": (ipv6, "MAPPED", ()),
        "all nodes are probed": (ipv6, "NOBODY", ipv6.ipaddress.IPv6Address("::2")),
    }
    if wrong in changed:
        setattr(*changed[wrong])


def patch_reassembly(wrong):
    key_of, contradicts, free, join = reassembly.key_of, Entry.contradicts, Reassembly.free, Reassembly.join
    changed = {
        "nothing expires": (reassembly, "LIFETIME_US", 10**15),
        "expires 1 us late": (reassembly, "LIFETIME_US", reassembly.LIFETIME_US + 1),
        "129 fragments": (reassembly, "MOST_FRAGMENTS", 129),
        "overlaps taken": (Entry, "contradicts", lambda entry, new: False),
        "duplicates condemn": (Entry, "duplicates", lambda entry, new: False),
        "ends not compared": (Entry, "contradicts", lambda entry, new: contradicts(entry, new._replace(more=True))),
        "the condemned forgotten": (Entry, "condemned", property(lambda entry: False, lambda entry, value: None)),
        "the condemned not counted": (Reassembly, "free", lambda table, entry: None if entry.condemned else free(table, entry)),
        "VLANs mixed up": (reassembly, "key_of", lambda datagram: key_of(datagram)[1:]),
        "protocols mixed up": (reassembly, "key_of", lambda datagram: key_of(datagram)[:-1]),
        "the last fragment's header": (reassembly, "reply_header", lambda held: held[-1].datagram),
        "the put together reported": (Reassembly, "join", lambda *three: join(*three)._replace(reassembled=False)),
    }
    if wrong in changed:
        setattr(*changed[wrong])


def patch_settings(wrong):
    parse_ports, take, bucket, all_buckets = settings.parse_ports, Bucket.take, Bucket.__init__, Limit.take

    def without_time(self, now_us):
        return take(self, 0)

    def first_line(self, address):
        return next((allow for network, allow in self.rules.items() if address in network), True)

    def half_full(self, *arguments):
        bucket(self, *arguments)
        self.credit //= 2

    def shortest(self, address):
        matching = sorted((network for network in self.rules if address in network), key=lambda network: network.prefixlen)
        return not matching or self.rules[matching[0]]

    class FirstCounts(dict):
        def __setitem__(self, key, value):
            self.setdefault(key, value)

    def uncapped(self, *arguments):
        bucket(self, *arguments)
        self.most = 10**18

    changed = {
        "access list not looked at": (AccessList, "allows", lambda self, address: True),
        "the shortest prefix": (AccessList, "allows", shortest),
        "no token comes back": (Bucket, "take", without_time),
        "tokens without end": (Bucket, "__init__", uncapped),
        "half full at first": (Bucket, "__init__", half_full),
        "one bucket for all": (Limit, "take", lambda self, key, now_us: all_buckets(self, None, now_us)),
        "no limit": (Limit, "take", lambda self, key, now_us: True),
        "no port blocked": (model, "parse_ports", lambda text: parse_ports(text) if "7" in text or text == "any" else set()),
    }
    if wrong in changed:
        setattr(*changed[wrong])


def spoil_model(wrong):
    """Bugs that a datapath could have."""
    if wrong == "exit status":
        sys.exit(1)
    if wrong == "a line on standard error":
        print("udpechod: chatting", file=sys.stderr)
    if wrong == "another TTL":
        original = Model.__init__
        Model.__init__ = lambda self, *arguments: original(self, *arguments, ttl=63)
    patch_ipv6(wrong)
    patch_model(wrong)
    patch_reassembly(wrong)
    patch_settings(wrong)
