/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Claims the addresses of a device as RFC 5227 says: it probes, announces and defends them, and
 * gives up those that another station has. It departs from section 2.1: udpechod answers while it
 * probes, so that a restart does not lose echoes.
 */
#ifndef UDPECHO_CLAIM_H
#define UDPECHO_CLAIM_H

#include "watch/watch.h"

/** Begins to claim the addresses of device number INDEX: its link came up, or they are new. */
void claim_begin(struct watch *watch, unsigned int index, double now);

/** Announces the addresses of device number INDEX again, because it has another MAC. */
void claim_renew(struct watch *watch, unsigned int index);

/** Sends what is due at time NOW, and reacts to stations that use our addresses. */
void claim_watch(struct watch *watch, unsigned int index, double now);

#endif
