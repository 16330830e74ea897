/* SPDX-License-Identifier: BSD-3-Clause */
/* The policies of all devices, and the access list that they share. A reload replaces the whole
 * set. */
#ifndef UDPECHO_POLICY_SET_H
#define UDPECHO_POLICY_SET_H

#include <udpecho/control/pulse.h>
#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/policy.h>

#include "runtime/runtime.h"

struct policy_set {
	struct policy_set *newer; /* the set that replaced it, or NULL */
	struct acl *acl;          /* NULL: everybody is allowed */
	size_t acl_count;         /* rules in it */
	size_t file_lines;        /* lines of the configuration file that are not empty */
	struct limits_config limits;
	struct policy policies[CONFIG_DEVICES_MAX]; /* in the order of the devices */
};

/**
 * Makes the policies of CONFIG for the open devices of RUNTIME. A device that CONFIG does not have
 * keeps the settings of its start. If no limit changes, the new set shares the buckets: such a
 * reload gives nobody a new burst. If one limit differs, all buckets are new, and full. This may
 * take seconds, so it calls PULSE now and then. Returns 0, -ENOMEM, or what PULSE returned.
 */
int policy_set_create(struct policy_set **set, const struct runtime *runtime,
	const struct config *config, const struct pulse *pulse, struct error *error);

/**
 * Copies the policies of RUNTIME, with the present MACs and MTUs of the devices. The copy shares
 * the access list and the buckets. Returns 0, or -ENOMEM.
 */
int policy_set_renew(struct policy_set **set, const struct runtime *runtime, struct error *error);

/** Replaces the policies of RUNTIME by SET. The old ones stay until policy_sets_free_until(). */
void policy_set_replace(struct runtime *runtime, struct policy_set *set);

/**
 * Returns the policies of RUNTIME, which stay until policy_set_let_go(). Threads that are neither
 * the main thread nor workers need this.
 */
const struct policy_set *policy_set_hold(const struct runtime *runtime);

/** Ends what policy_set_hold() began. */
void policy_set_let_go(void);

/** Frees SET, except what it shares with KEEPER. Both may be NULL. */
void policy_set_free(struct policy_set *set, const struct policy_set *keeper);

/** Frees the policies of RUNTIME that are older than SET, or all of them if SET is NULL. */
void policy_sets_free_until(struct runtime *runtime, const struct policy_set *set);

#endif
