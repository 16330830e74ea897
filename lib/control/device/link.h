/* SPDX-License-Identifier: BSD-3-Clause */
/* Links of the kernel, as rtnetlink(7) has them: asked for by a name, or told of as they change. */
#ifndef UDPECHO_LINK_H
#define UDPECHO_LINK_H

#include <net/if.h>
#include <stdbool.h>

#include <udpecho/packet/ip_address.h>

struct mnl_socket;
struct nlmsghdr;

struct link {
	unsigned int index;
	char name[IFNAMSIZ]; /* "": it was not said */
	unsigned int mtu;    /* bytes; 0: it was not said */
	bool has_mac;
	struct mac_address mac;
	char kind[16];                   /* "bridge", "veth"; "": hardware, or it was not said */
	unsigned int xdp_program;        /* the number of a program that is attached; 0: none */
	unsigned int xdp_mode;           /* XDP_ATTACHED_DRV and the others of linux/if_link.h */
	uint64_t rx_dropped, tx_dropped; /* packets, in all; 0: it was not said */
};

/** What a message of rtnetlink says of a link. False: it says nothing of one that is there. */
bool link_parse(const struct nlmsghdr *message, struct link *link);

/**
 * The link that has NAME, as its name or as an alternative one (ip-link(8), altname), which may be
 * longer. 0; -ENODEV: there is none; or -errno.
 */
int link_find(const char *name, struct link *link);

/** The link with INDEX, likewise. */
int link_get(unsigned int index, struct link *link);

/**
 * Whether the kernel takes ADDRESS for its own in this network namespace, on whatever interface
 * and by whatever route of type local (ip-route(8)), whose PREFIX_LENGTH this gives. False also
 * where it does not say.
 */
bool link_address_is_local(struct ip_address address, unsigned int *prefix_length);

/** Tells of changes of all links from here on: a socket for link_monitor_read(); NULL: none. */
struct mnl_socket *link_monitor_open(void);

/**
 * Has SEE look at each link that has changed since the last call; does not wait. False: some
 * changes were lost, so that each link that matters is to be asked for.
 */
bool link_monitor_read(struct mnl_socket *monitor,
	void (*see)(const struct link *link, void *argument), void *argument);

/** NULL is allowed. */
void link_monitor_close(struct mnl_socket *monitor);

#endif
