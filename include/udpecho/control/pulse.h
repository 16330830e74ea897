/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A function that takes long calls a pulse now and then. So its caller can work meanwhile, or end
 * the function, which need not know who the caller is.
 */
#ifndef UDPECHO_PULSE_H
#define UDPECHO_PULSE_H

#include <udpecho/control/error.h>

struct pulse {
	/** Returns 0, or -errno with an error: then the function ends, and returns the same. */
	int (*beat)(void *caller, struct error *error);
	void *caller;
};

static inline int pulse_beat(const struct pulse *pulse, struct error *error)
{
	return pulse->beat(pulse->caller, error);
}

#endif
