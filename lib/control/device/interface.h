/* SPDX-License-Identifier: BSD-3-Clause */
/* A network interface of the kernel, as its ioctls describe it. */
#ifndef UDPECHO_INTERFACE_H
#define UDPECHO_INTERFACE_H

#include <udpecho/control/error.h>
#include <udpecho/packet/identity.h>

/**
 * Whether raw frames can be had from the interface NAME: it exists, is Ethernet and is up, and
 * this process may open a packet socket. 0, or -errno with an error that says the fix.
 */
int interface_check(const char *name, struct error *error);

/** Whether this process may make TAP interfaces, by making one for a moment: 0, or -errno. */
int interface_check_tap(struct error *error);

/** The interface's MAC: 0, or -errno. */
int interface_mac(const char *name, struct mac_address *mac, struct error *error);

/** The interface's MTU in bytes; 0: unknown. */
unsigned int interface_mtu(const char *name);

/* Its queues, as `ethtool -l` shows them. */
struct interface_channels {
	unsigned int pairs;   /* of a receive and a transmit queue of one number; at least 1 */
	unsigned int receive; /* receive queues in all, at least as many */
	bool are_combined;    /* each of them is half of a combined channel */
	bool could_combine;   /* none is, although the device has such channels */
};

/** The interface's channels; where it does not say, one pair. */
struct interface_channels interface_channels(const char *name);

/**
 * Marks the interface as ours, so that no other udpechod in this network namespace takes it as
 * well: they would answer twice, and one that ends takes the other's XDP program away. Gives a
 * descriptor, which holds the mark until it is closed, or -errno.
 */
int interface_lock(const char *name, struct error *error);

/** Whether the interface NAME is a TAP. */
bool interface_is_tap(const char *name);

/** Whether the interface NAME is an end of a veth. */
bool interface_is_veth(const char *name);

/**
 * Whether the interface NAME leaves the checksums of what it sends to its hardware (ethtool's
 * "tx"). Negative: it does not say.
 */
int interface_leaves_checksums(const char *name);

/**
 * Whether the offload FEATURE of the interface NAME is on, by the name that `ethtool -k` has for
 * it; negative: it does not say, or has no such feature.
 */
int interface_feature(const char *name, const char *feature);

/** Whether the kernel puts UDP datagrams that come in on NAME together into one frame (GRO). */
bool interface_gathers(const char *name);

/** Whether the interface NAME is up and has a carrier; OTHERWISE, where it can't be asked. */
bool interface_is_running(const char *name, bool otherwise);

/** The kernel's index of the interface NAME; 0: there is none. */
unsigned int interface_index(const char *name);

/**
 * Whether the kernel says that it has no interface with this INDEX any more: one of the same name
 * that was made again has another. It may be too busy to say anything.
 */
bool interface_is_gone(unsigned int index);

#endif
