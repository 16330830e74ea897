/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks the kernel about links, and listens for their changes: rtnetlink(7). */
#ifndef UDPECHO_LINK_H
#define UDPECHO_LINK_H

#include <net/if.h>
#include <stdbool.h>

#include <udpecho/packet/ip_address.h>

struct mnl_socket;
struct nlmsghdr;

struct link {
	unsigned int index;
	char name[IFNAMSIZ]; /* "": unknown */
	unsigned int mtu;    /* bytes; 0: unknown */
	bool has_mac;
	struct mac_address mac;
	char kind[16];                   /* "bridge", "veth"; "": hardware, or unknown */
	unsigned int xdp_program;        /* the number of the attached program; 0: none */
	unsigned int xdp_mode;           /* XDP_ATTACHED_DRV and so on: linux/if_link.h */
	uint64_t rx_dropped, tx_dropped; /* packets; 0: none, or unknown */
};

/** Reads LINK from an rtnetlink message. Returns false if it does not describe an existing link. */
bool link_parse(const struct nlmsghdr *message, struct link *link);

/**
 * Finds the link with NAME, or with NAME as alternative name (ip-link(8), altname), which may be
 * longer. Returns 0, -ENODEV if there is none, or another -errno.
 */
int link_find(const char *name, struct link *link);

/** Finds the link with INDEX. Returns 0, or -errno. */
int link_get(unsigned int index, struct link *link);

/**
 * Returns whether the kernel takes ADDRESS for its own in this network namespace, by any route of
 * type local (ip-route(8)), and the PREFIX_LENGTH of that route. Returns false if that is unknown.
 */
bool link_address_is_local(struct ip_address address, unsigned int *prefix_length);

/** Starts to listen for changes of all links. Returns a socket for link_monitor_read(), or NULL. */
struct mnl_socket *link_monitor_open(void);

/**
 * Calls SEE with each link that has changed since the last call, and does not wait. Returns false
 * if the kernel lost changes: then the caller must ask for each link that it needs.
 */
bool link_monitor_read(struct mnl_socket *monitor,
	void (*see)(const struct link *link, void *argument), void *argument);

/** Stops listening. MONITOR may be NULL. */
void link_monitor_close(struct mnl_socket *monitor);

#endif
