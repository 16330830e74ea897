/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks the kernel about a network interface, by ioctl(2). */
#ifndef UDPECHO_INTERFACE_H
#define UDPECHO_INTERFACE_H

#include <udpecho/control/error.h>
#include <udpecho/packet/identity.h>

/**
 * Checks that the interface NAME exists, is Ethernet and is up, and that this process may open a
 * packet socket. Returns 0, or -errno with an error that says the fix.
 */
int interface_check(const char *name, struct error *error);

/** Checks that this process may make TAP interfaces, by making one. Returns 0, or -errno. */
int interface_check_tap(struct error *error);

/** Reads the MAC of the interface NAME. Returns 0, or -errno. */
int interface_mac(const char *name, struct mac_address *mac, struct error *error);

/** Returns the MTU of the interface NAME in bytes, or 0 if it is unknown. */
unsigned int interface_mtu(const char *name);

/* The queues of an interface, as `ethtool -l` shows them. */
struct interface_channels {
	unsigned int pairs;   /* receive and transmit queues with the same number; at least 1 */
	unsigned int receive; /* all receive queues */
	bool are_combined;    /* each receive queue is half of a combined channel */
	bool could_combine;   /* no channel is combined, although the device can do that */
};

/** Returns the channels of the interface NAME, or one pair if they are unknown. */
struct interface_channels interface_channels(const char *name);

/**
 * Locks the interface NAME against another udpechod in this network namespace. Two of them would
 * answer twice, and the first to end would detach the XDP program of the other. Returns a
 * descriptor that holds the lock until it is closed, or -errno.
 */
int interface_lock(const char *name, struct error *error);

/** Returns whether the interface NAME is a TAP. */
bool interface_is_tap(const char *name);

/** Returns whether the interface NAME is an end of a veth. */
bool interface_is_veth(const char *name);

/**
 * Returns whether the interface NAME leaves the checksums of frames that it sends to its hardware
 * (ethtool's "tx"), or a negative number if that is unknown.
 */
int interface_leaves_checksums(const char *name);

/**
 * Returns whether the offload FEATURE (its name in `ethtool -k`) of the interface NAME is on, or a
 * negative number if that is unknown or there is no such feature.
 */
int interface_feature(const char *name, const char *feature);

/** Returns whether the kernel merges UDP datagrams that NAME receives into one frame (GRO). */
bool interface_gathers(const char *name);

/** Returns whether the interface NAME is up and has a carrier, or OTHERWISE if that is unknown. */
bool interface_is_running(const char *name, bool otherwise);

/** Returns the index of the interface NAME, or 0 if there is none. */
unsigned int interface_index(const char *name);

/**
 * Returns whether the kernel says that no interface has INDEX any more. If somebody makes an
 * interface of the same name again, it gets another index. Returns false if the kernel does not
 * answer.
 */
bool interface_is_gone(unsigned int index);

#endif
