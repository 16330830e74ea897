/* SPDX-License-Identifier: BSD-3-Clause */
/* A network interface of the kernel, as its ioctls describe it. */
#ifndef UDPECHO_INTERFACE_H
#define UDPECHO_INTERFACE_H

#include <udpecho/error.h>
#include <udpecho/identity.h>

/**
 * Whether raw frames can be had from the interface NAME: it exists, is Ethernet and is up, and
 * this process may open a packet socket. 0, or -errno with an error that says the mend.
 */
int interface_check(const char *name, struct error *error);

/** Whether this process may make TAP interfaces, by making one for a moment: 0, or -errno. */
int interface_check_tap(struct error *error);

/** The interface's MAC: 0, or -errno. */
int interface_mac(const char *name, struct mac_address *mac, struct error *error);

/** The interface's MTU in bytes; 0: unknown. */
unsigned int interface_mtu(const char *name);

/**
 * How many pairs of receive and transmit queues the interface has, at least 1, and whether these
 * are combined channels.
 */
unsigned int interface_channels(const char *name, bool *are_combined);

/**
 * Marks the interface as ours, so that no other udpechod in this network namespace takes it as
 * well: they would answer twice, and one that ends takes the other's XDP program away. Gives a
 * descriptor, which holds the mark until it is closed, or -errno.
 */
int interface_lock(const char *name, struct error *error);

/** Whether the kernel itself answers for ADDRESS on the interface NAME. */
bool interface_owns(const char *name, be32_t address);

/** Whether the interface NAME is an end of a veth. */
bool interface_is_veth(const char *name);

/**
 * Whether the interface NAME leaves the checksums of what it sends to its hardware (ethtool's
 * "tx"). Negative: it does not say.
 */
int interface_leaves_checksums(const char *name);

/** Whether the interface NAME is up and has a carrier; OTHERWISE, where it can't be asked. */
bool interface_is_running(const char *name, bool otherwise);

/** The kernel's index of the interface NAME; 0: there is none. */
unsigned int interface_index(const char *name);

/**
 * Whether the kernel says that there is no interface NAME, or another than that of INDEX: one made
 * anew. It may be too busy to say anything.
 */
bool interface_is_gone(const char *name, unsigned int index);

#endif
