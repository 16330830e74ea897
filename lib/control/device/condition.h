/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What keeps a device from being opened, in words: one place for errors, for the doctor, and for
 * scripts/bind-nic, which a test compares with it.
 */
#ifndef UDPECHO_CONDITION_H
#define UDPECHO_CONDITION_H

#include <stdbool.h>
#include <stdint.h>

#include <udpecho/control/error.h>
#include <udpecho/packet/ip_address.h>

#include "device/host.h"

struct condition {
	char text[256];
	char fix[384]; /* a line for the shell: a command, "# " and a word on it, or only this */
};

/** The condition as an error of the code WHY: what it is, and then its fix. Returns -WHY. */
int condition_error(const struct condition *condition, int why, struct error *error);

/** There is no interface of the name. */
struct condition condition_no_interface(void);

/** There is no PCI device of the address. */
struct condition condition_no_pci(void);

/** The kernel makes no TAP interfaces. */
struct condition condition_no_tun(void);

/** An interface has the NAME that a TAP is to have; IS_TAP: it is one, too. */
struct condition condition_exists(const char *name, bool is_tap);

/** The interface is none of Ethernet. */
struct condition condition_not_ethernet(void);

/** The interface NAME is down. */
struct condition condition_down(const char *name);

/** Another udpechod has the interface NAME. */
struct condition condition_taken(const char *name);

/** The kernel has ADDRESS for its own, where FOUND says. */
struct condition condition_address(struct ip_address address, const struct host_address *found);

/** The kernel forwards what comes in on the interface NAME, and so answers ARP, where it does. */
struct condition condition_forwards(const char *name, enum host_forwarding forwarding);

/** The process has none of the capabilities MISSING, a set of PRIVILEGE()s, which USER needs. */
struct condition condition_capabilities(uint64_t missing, const char *user);

/** The process may lock LIMIT bytes of memory, of which USER needs so many. */
struct condition condition_memlock(uint64_t limit, uint64_t needed, const char *user);

/** The process may have LIMIT files open, which are too few. */
struct condition condition_descriptors(unsigned long limit);

/** Not the first network namespace: NICs are seen here, and not who uses them. */
struct condition condition_namespace(void);

/** The NIC's interface is in another network namespace. */
struct condition condition_away(void);

/** The machine is reached through the NIC. */
struct condition condition_management(void);

/** The NIC's interface NAME is a part of another: WHOLE, a bond or a bridge. */
struct condition condition_member(const char *name, const char *whole);

/** The kernel has ADDRESSES on the NIC's interface NAME. */
struct condition condition_addressed(const char *name, const char *addresses);

/** The interface NAME runs an XDP program of others: PROGRAM, "" if its name is unknown. */
struct condition condition_xdp_program(const char *name, const char *program, bool is_generic);

/** The driver of the interface NAME does not run XDP programs itself, which AF_XDP's driver wants.
 */
struct condition condition_no_native_xdp(const char *name);

/** The interface NAME has an MTU over MOST, of which AF_XDP takes none; FITS does. */
struct condition condition_xdp_mtu(
	const char *name, unsigned int mtu, unsigned int most, unsigned int fits);

/** No channel of the interface NAME is combined, as AF_XDP's driver wants those COUNT to be. */
struct condition condition_uncombined(const char *name, unsigned int count);

/** libxdp has nowhere to keep what it needs: a bpffs, or /run. */
struct condition condition_no_bpffs(void);

#endif
