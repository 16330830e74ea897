# SPDX-License-Identifier: BSD-3-Clause
"""What the options decide of IPv6: access list, and rate limits."""
from cases_base import answered, at, dropped, echoed, plain, plain_reply
from cases_ipv6 import advertise, case6, discovered, ignored, ping6, plain6, plain_reply6, pong6, solicit
from cases_policy import asked

SITES = """\
deny ::/0
allow 2001:2::/48
deny 2001:2::dead:0/112   # of these
allow 2001:2::dead:beef
deny 2001:2:0:ffff:ffff:ffff:ffff:ffff
allow ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
"""
ONLY_IPV4 = "deny 0.0.0.0/0\n"


def from6(src):
    return echoed(f"from {src}", plain6(src=src), plain_reply6(dst=src))


def not_from6(src, verdict="acl"):
    return dropped(f"from {src}", plain6(src=src), verdict)


def listed6(name, about, text, *exchanges):
    return case6(name, about, *exchanges, arguments=["--acl=acl.conf"], files={"acl.conf": text})


def pinged(note, verdict="icmp-echo"):
    return answered(note, ping6(), verdict, *([pong6()] if verdict == "icmp-echo" else []))


IPV6_POLICY_CASES = [
    listed6("ipv6-acl", "The longest prefix decides. A list of IPv6 prefixes alone allows every IPv4 source.", SITES,
            *map(from6, ("2001:2::1", "2001:2::dead:beef", "2001:2::dead:ffff:1", "2001:2::deae:0", "2001:2:0:ffff:ffff:ffff:ffff:fffe")),
            *map(not_from6, ("2001:1:ffff:ffff:ffff:ffff:ffff:ffff", "2001:2:1::", "2001:2::dead:0", "2001:2::dead:ffff",
                             "2001:2::dead:beee", "2001:2::dead:bef0", "2001:2:0:ffff:ffff:ffff:ffff:ffff", "fe80::1", "::2", "1::1")),
            dropped("a ping", ping6(src="2001:2:1::1"), "acl"),
            discovered("neighbour discovery is not subject to it", solicit(src="2001:2::dead:1"), advertise(dst="2001:2::dead:1")),
            echoed("IPv4", plain(), plain_reply())),
    listed6("ipv6-acl-not", "A list of IPv4 prefixes alone allows every IPv6 source.", ONLY_IPV4,
            from6("2001:2::1"), from6("fe80::1"), dropped("IPv4", plain(), "acl")),
    case6("ipv6-rate-limit", "The limit is for all hosts of a /64 together, and for each /64; IPv4 sources have their own.",
          from6("2001:2::1"), not_from6("2001:2::1", "rate-limit"), not_from6("2001:2::8000:0:0:1", "rate-limit"), from6("2001:2:0:1::1"),
          not_from6("2001:2:0:1::2", "rate-limit"), from6("2001:2:8000::1"), echoed("IPv4", plain(), plain_reply()),
          arguments=["--rate-limit=1"]),
    case6("ipv6-rate-limit-128", "--rate-limit-prefix6=128: for each host.",
          from6("2001:2::1"), from6("2001:2::3"), not_from6("2001:2::1", "rate-limit"), not_from6("2001:2::3", "rate-limit"),
          arguments=["--rate-limit=1", "--rate-limit-prefix6=128", "--rate-limit-prefix=0"]),
    case6("ipv6-rate-limit-47", "--rate-limit-prefix6=47: for two sites.",
          from6("2001:2::1"), not_from6("2001:2:1::1", "rate-limit"), from6("2001:2:2::1"),
          arguments=["--rate-limit=1", "--rate-limit-prefix6=47", "--rate-limit-prefix=32"]),
    case6("ipv6-icmp-rate-limit", "Pings of both families have a limit, and neighbour discovery has one beside ARP's.",
          at("1", pinged("a ping")), at("1", pinged("another", "rate-limit")),
          at("1", discovered("a solicitation, which pings leave alone", solicit(), advertise())),
          at("1", ignored("another", solicit(), "rate-limit")), at("1", asked("ARP, which solicitations leave alone")),
          at("1", asked("ARP again", "rate-limit")), at("1", echoed("an echo", plain6(), plain_reply6())),
          at("1.999999", ignored("too soon", solicit(), "rate-limit")), at("2", discovered("a second later", solicit(), advertise())),
          arguments=["--icmp-arp-rate-limit=1"]),
]
