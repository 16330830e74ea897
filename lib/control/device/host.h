/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the kernel of this host does beside us. It answers for an address of its own on whatever
 * interface it is asked (RFC 1122 3.3.4.2, the weak host model), so all of them are looked at.
 */
#ifndef UDPECHO_HOST_H
#define UDPECHO_HOST_H

#include <net/if.h>
#include <stdbool.h>

#include <udpecho/packet/ip_address.h>

/* Where the kernel has an address. */
struct host_address {
	char interface[IFNAMSIZ]; /* "": on none, but a route of type local says so */
	unsigned int prefix_length;
	bool has_peer; /* ip-address(8): the prefix is the other end's */
};

/** Whether the kernel takes ADDRESS for its own in this network namespace, and where: FOUND. */
bool host_find_address(struct ip_address address, struct host_address *found);

/**
 * The addresses that INTERFACE has, but for those that are good on its link alone, into TEXT as
 * "198.18.0.1/24 2001:db8::1/64"; "": it has none.
 */
void host_list_addresses(const char *interface, char *text, size_t size);

enum host_forwarding {
	HOST_FORWARDS_NOTHING,
	HOST_FORWARDS,
	HOST_FORWARDS_AND_ANSWERS, /* ARP too, for whatever it would forward to: proxy_arp */
};

/** What the kernel does with IPv4 packets for others that come in on INTERFACE. */
enum host_forwarding host_forwarding(const char *interface);

#endif
