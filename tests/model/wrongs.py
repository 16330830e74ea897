# SPDX-License-Identifier: BSD-3-Clause
"""What an appliance could do wrong, done to the model or to its output."""
import sys

import ipv4
import ipv6
import model
import ndp
import reassembly
import settings
from ipv4 import IPv4
from ipv6 import IPv6
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
}
IPV6 = {
    "no group's MAC": "nd-reply", "any option skipped": "ipv6-options", "headers echoed": "ipv6-options",
    "another flow label": "ipv6-echo", "another traffic class": "ipv6-echo", "another hop limit": "ipv6-echo",
    "the old checksum": "nd-reply", "quotes 8 bytes": "icmpv6-unreachable", "quotes beyond 1280": "icmpv6-unreachable",
    "the asker asks the list": "ipv6-acl", "the probe's MAC": "nd-reply", "solicited by nobody": "nd-reply",
    "no override": "nd-reply", "each /128 a bucket": "ipv6-rate-limit",
}
ONLY_COMPARED = (  # for golden has no case, or one with details that the model does not know
    "IPv4 addresses in IPv6 answered", "segments left or not", "a header more", "no header more", "zero checksums taken",
    "hop limits of any router", "options of neighbours not walked", "from :: with a MAC", "atomic fragments kept",
    "next headers apart", "one identification",
)
ONLY_GOLDEN = {"another file each time": "udp-echo", "129 fragments": "fragments-128", "expires 1 us late": "fragments-expired",
               "half full at first": "rate-limit-burst"}  # which compare.py cannot or hardly meets


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
        "one kind of tag": ("TAGS", (0x8100,)),
        "replies never cut": ("mtu_of", lambda records: 65535),
        "cut to 1500 always": ("mtu_of", lambda records: 1500),
    }
    if wrong in changed:
        setattr(model, *changed[wrong])
    mtu_of = model.mtu_of
    if wrong == "cut to 8 bytes too few":
        model.mtu_of = lambda records: mtu_of(records) - 8


def patch_ipv4(wrong):
    split = IPv4.split
    changed = {
        "options let in unread": (ipv4, "options_are_fine", lambda options: True),
        "checksums not looked at": (ipv4, "checksum", lambda data: 0),
        "martians answered": (ipv4, "NEVER_ANSWERED", []),
        "multicast answered": (ipv4, "NEVER_ANSWERED", ipv4.NEVER_ANSWERED[:2]),
        "shape not looked at": (ipv4, "check_shape", lambda datagram: None),
        "quotes no options": (ipv4, "quoted", lambda datagram: datagram.header[:20] + datagram.payload[:8]),
        "quotes all": (ipv4, "quoted", lambda datagram: datagram.header + datagram.payload),
        "MF on each": (IPv4, "split", lambda family, packet, mtu: [
            part[:6] + bytes([part[6] | 0x20]) + part[7:] if len(packet) > mtu else part for part in split(family, packet, mtu)]),
    }
    if wrong in changed:
        setattr(*changed[wrong])


def patch_ipv6(wrong):
    read, reply, split, right, key_of = IPv6.read, IPv6.reply, IPv6.split, IPv6.udp_checksum_is_right, reassembly.key_of
    message, neighbour, advertisement = ipv6.message, IPv6.neighbour, ndp.advertisement

    def headers_echoed(family, datagram, hop_limit, data):
        extensions, packet = datagram.header[40:], reply(family, datagram, hop_limit, data)
        header = packet[:4] + (len(extensions) + len(data)).to_bytes(2, "big") + datagram.header[6:7] + packet[7:40]
        return header + extensions + data

    def another_word(word):
        return lambda family, datagram, *rest: reply(family, datagram._replace(header=word(datagram.header)), *rest)

    def one_identification(family, *arguments):
        family.identifications.seed(1)
        return split(family, *arguments)

    def never_joined(family, ethernet, packet):
        ipv6.require(ethernet[0] & 1 == 0, "eth-not-for-us")
        return read(family, ethernet, packet)

    changed = {
        "no group's MAC": (IPv6, "read", never_joined),
        "IPv4 addresses in IPv6 answered": (ipv6, "NEVER_ANSWERED", [n for n in ipv6.NEVER_ANSWERED if n.prefixlen != 96]),
        "segments left or not": (ipv6, "is_done", lambda routing: True),
        "any option skipped": (ipv6, "options_are_fine", lambda options: True),
        "a header more": (ipv6, "MOST_EXTENSIONS", 9),
        "no header more": (ipv6, "MOST_EXTENSIONS", 7),
        "atomic fragments kept": (model, "is_fragment", lambda datagram: datagram.fragment is not None),
        "next headers apart": (reassembly, "key_of", lambda datagram: (*key_of(datagram), datagram.protocol)),
        "zero checksums taken": (IPv6, "udp_checksum_is_right", lambda *three: three[2][6:8] == b"\0\0" or right(*three)),
        "headers echoed": (IPv6, "reply", headers_echoed),
        "another flow label": (IPv6, "reply", another_word(lambda header: header[:3] + b"\0" + header[4:])),
        "another traffic class": (IPv6, "reply", another_word(lambda header: b"\x60" + header[1:])),
        "another hop limit": (IPv6, "reply", lambda family, datagram, hop_limit, data: reply(family, datagram, hop_limit + 1, data)),
        "the old checksum": (ipv6, "message", lambda *four: four[2] + message(*four[:2], ipv6.ECHO_REQUEST, four[3])[2:]),
        "quotes 8 bytes": (ipv6, "quoted", lambda datagram: datagram.header + datagram.payload[:8]),
        "quotes beyond 1280": (ipv6, "MINIMUM_MTU", 1500),
        "one identification": (IPv6, "split", one_identification),
        "the asker asks the list": (IPv6, "needs_leave", lambda family, datagram: True),
        "hop limits of any router": (IPv6, "neighbour", lambda family, datagram: neighbour(family, datagram._replace(ttl=255))),
        "options of neighbours not walked": (ndp, "option_kinds", lambda options: []),
        "from :: with a MAC": (ndp, "SOURCE_LINK_LAYER", None),
        "the probe's MAC": (IPv6, "neighbour", lambda family, datagram: (
            "nd-reply", datagram.ethernet, neighbour(family, datagram)[2])),
        "solicited by nobody": (ndp, "advertisement", lambda *three: advertisement(*three[:2], True)),
        "no override": (ndp, "OVERRIDE", 0),
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
        "each /128 a bucket": (settings, "PREFIX6", 128),
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
    patch_model(wrong)
    patch_ipv4(wrong)
    patch_ipv6(wrong)
    patch_reassembly(wrong)
    patch_settings(wrong)
