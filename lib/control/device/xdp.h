/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds out whether AF_XDP can use an interface: what its driver can do, and whose program runs. */
#ifndef UDPECHO_XDP_H
#define UDPECHO_XDP_H

#include <stdbool.h>

/* The kernel's limit for frames in one buffer, with pages of 4 KiB. */
#define XDP_MTU_MOST 3506

enum xdp_native {
	XDP_NATIVE_UNKNOWN, /* the kernel does not say */
	XDP_NATIVE_NONE,
	XDP_NATIVE_HAS,
};

enum xdp_program {
	XDP_PROGRAM_NONE,    /* or libxdp's, which admits ours beside it */
	XDP_PROGRAM_FOREIGN, /* one that does not admit ours beside it */
	XDP_PROGRAM_UNKNOWN, /* one that this process may not look at */
};

struct xdp {
	enum xdp_native native;
	enum xdp_program program;
	bool is_generic;         /* the kernel runs the program, and not the driver */
	unsigned int uncombined; /* channels, if none of them is combined; otherwise 0 */
	char name[16];           /* of the program; "": none, or unknown */
};

/** Returns the longest MTU whose frames fit into ROOM bytes with the kernel's headroom. */
unsigned int xdp_mtu_for(unsigned int room);

/** Fills XDP for the interface NAME. Returns false if there is no such interface. */
bool xdp_find(const char *name, struct xdp *xdp);

#endif
