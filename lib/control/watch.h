/* SPDX-License-Identifier: BSD-3-Clause */
/* What the main thread keeps an eye on while the workers work. */
#ifndef UDPECHO_WATCH_H
#define UDPECHO_WATCH_H

#include <udpecho/appliance.h>

struct watch {
	struct {
		bool link_up;
		uint64_t conflicts; /* of ARP, when last looked at */
		double defended;    /* when, in seconds; 0: never */
	} devices[CONFIG_DEVICES_MAX];
};

/**
 * Looks at each live device at time NOW, in seconds: announces its addresses when its link comes
 * up, and reports and defends an address that another station uses (RFC 5227 2.3, 2.4).
 */
void watch_devices(struct watch *watch, struct appliance *appliance, double now);

#endif
