# SPDX-License-Identifier: BSD-3-Clause
"""The golden cases: what comes in, what is said of it, and what goes out, each written by hand.

A case is a list of exchanges: a note, the request, the verdict and the replies. Expected replies are
spelled out as scapy expressions; no program of ours has a hand in them. Write a case in a file
beside this one, run generate.py, and read the diff of cases/.
"""
from cases_attack import ATTACK_CASES
from cases_ethernet import ARP_CASES, ETHERNET_CASES
from cases_explain import EXPLAIN_CASES
from cases_fragment import FRAGMENT_CASES
from cases_fragment_refused import REFUSED_CASES
from cases_ip import ICMP_CASES, IP_CASES
from cases_ipv6 import IPV6_CASES
from cases_ipv6_policy import IPV6_POLICY_CASES
from cases_order import BURST_CASES, IDENTITY_CASES, ORDER_CASES
from cases_policy import POLICY_CASES
from cases_udp import UDP_CASES

CASES = [*UDP_CASES, *ETHERNET_CASES, *ARP_CASES, *ICMP_CASES, *IP_CASES, *IPV6_CASES, *IDENTITY_CASES, *ORDER_CASES, *BURST_CASES,
         *ATTACK_CASES, *FRAGMENT_CASES, *REFUSED_CASES, *POLICY_CASES, *IPV6_POLICY_CASES, *EXPLAIN_CASES]
