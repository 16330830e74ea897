/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether an interface can be had by AF_XDP: what its driver can, and whose program it runs. */
#ifndef UDPECHO_XDP_H
#define UDPECHO_XDP_H

#include <stdbool.h>

/* The kernel's, with pages of 4 KiB, for a frame in one buffer. */
#define XDP_MTU_MOST 3506

enum xdp_native {
	XDP_NATIVE_UNKNOWN, /* the kernel does not say */
	XDP_NATIVE_NONE,
	XDP_NATIVE_HAS,
};

enum xdp_program {
	XDP_PROGRAM_NONE,    /* or one that ours is put beside: libxdp's */
	XDP_PROGRAM_FOREIGN, /* another program's, which ours can't be put beside */
	XDP_PROGRAM_UNKNOWN, /* there is one, and this process may not see whose */
};

struct xdp {
	enum xdp_native native;
	enum xdp_program program;
	bool is_generic;         /* the program is run by the kernel, and not by the driver */
	unsigned int uncombined; /* how many channels there are, of which none is combined; or 0 */
	char name[16];           /* the program's; "": it has none, or may not be seen */
};

/** The longest MTU whose frames fit, each with the kernel's headroom, into ROOM bytes. */
unsigned int xdp_mtu_for(unsigned int room);

/** What there is to know of the interface NAME. False: there is no such interface. */
bool xdp_find(const char *name, struct xdp *xdp);

#endif
