/* SPDX-License-Identifier: BSD-3-Clause */
/* What the main thread keeps an eye on while the workers work. */
#ifndef UDPECHO_WATCH_H
#define UDPECHO_WATCH_H

#include <udpecho/control/appliance.h>

/**
 * Looks at each live device and each worker at time NOW, in seconds, and logs and counts what is
 * not as it should be (struct device_faults, struct worker_faults). Announces the addresses of a
 * device when its link comes up, and defends one that another station uses (RFC 5227 2.3, 2.4).
 */
void watch_all(struct appliance *appliance, double now);

/**
 * Of a struct pulse, for what takes the main thread long: its caller is the appliance. -ECANCELED:
 * a signal says to stop, so that it is to be given up.
 */
int watch_meanwhile(void *caller, struct error *error);

#endif
