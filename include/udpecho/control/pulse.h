/* SPDX-License-Identifier: BSD-3-Clause */
/* How what takes long lets its caller work meanwhile, and give it up, without knowing who that is.
 */
#ifndef UDPECHO_PULSE_H
#define UDPECHO_PULSE_H

#include <udpecho/control/error.h>

/* The caller's, to be called now and then by what it began. */
struct pulse {
	/** 0, or -errno with an error: what takes long is to be given up, and return that. */
	int (*beat)(void *caller, struct error *error);
	void *caller;
};

static inline int pulse_beat(const struct pulse *pulse, struct error *error)
{
	return pulse->beat(pulse->caller, error);
}

#endif
