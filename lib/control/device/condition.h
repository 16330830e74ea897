/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Says what prevents a device from being opened, and how to fix it. Errors and the doctor take
 * their words from here; a test compares those of scripts/bind-nic with them.
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
	char fix[384]; /* a line for the shell: a command, "# " and a remark, or both */
};

/** Writes CONDITION and its fix to ERROR. Returns -WHY. */
int condition_error(const struct condition *condition, int why, struct error *error);

/** No interface has the name. */
struct condition condition_no_interface(void);

/** No PCI device has the address. */
struct condition condition_no_pci(void);

/** The kernel can't make TAP interfaces. */
struct condition condition_no_tun(void);

/** The TAP can't have NAME: another interface, a TAP if IS_TAP, has it. */
struct condition condition_exists(const char *name, bool is_tap);

/** The interface is not Ethernet. */
struct condition condition_not_ethernet(void);

/** The interface NAME is down. */
struct condition condition_down(const char *name);

/** Another udpechod uses the interface NAME. */
struct condition condition_taken(const char *name);

/** The kernel has ADDRESS, and answers for it too. FOUND says where. */
struct condition condition_address(struct ip_address address, const struct host_address *found);

/** The kernel forwards packets of FAMILY from the interface NAME, and may answer ARP there. */
struct condition condition_forwards(
	const char *name, enum ip_family family, enum host_forwarding forwarding);

/** The process lacks the capabilities MISSING, a set of PRIVILEGE()s, which USER needs. */
struct condition condition_capabilities(uint64_t missing, const char *user);

/** The process may lock LIMIT bytes of memory, and USER needs NEEDED. */
struct condition condition_memlock(uint64_t limit, uint64_t needed, const char *user);

/** The process may open LIMIT files, which is too few. */
struct condition condition_descriptors(unsigned long limit);

/** This is not the first network namespace, so we can't see who uses a NIC. */
struct condition condition_namespace(void);

/** The NIC's interface is in another network namespace. */
struct condition condition_away(void);

/** The operator reaches the machine through the NIC. */
struct condition condition_management(void);

/** The NIC's interface NAME is a part of WHOLE, a bond or a bridge. */
struct condition condition_member(const char *name, const char *whole);

/** The kernel has ADDRESSES on the NIC's interface NAME. */
struct condition condition_addressed(const char *name, const char *addresses);

/** The interface NAME runs the XDP program of others, PROGRAM, or "" if its name is unknown. */
struct condition condition_xdp_program(const char *name, const char *program, bool is_generic);

/** The driver of the interface NAME can't run XDP programs, which AF_XDP's driver needs. */
struct condition condition_no_native_xdp(const char *name);

/** The interface NAME has an MTU over MOST, which AF_XDP can't take. FITS is one that it takes. */
struct condition condition_xdp_mtu(
	const char *name, unsigned int mtu, unsigned int most, unsigned int fits);

/** The interface NAME has an MTU under 1,280, which IPv6 needs. */
struct condition condition_ipv6_mtu(const char *name, unsigned int mtu);

/** None of the COUNT channels of the interface NAME is combined, which AF_XDP's driver needs. */
struct condition condition_uncombined(const char *name, unsigned int count);

/** libxdp can write neither to a bpffs nor to /run. */
struct condition condition_no_bpffs(void);

#endif
