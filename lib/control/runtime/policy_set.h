/* SPDX-License-Identifier: BSD-3-Clause */
/* The policies of all devices, and the access list that they share: made and replaced as a whole.
 */
#ifndef UDPECHO_POLICY_SET_H
#define UDPECHO_POLICY_SET_H

#include <udpecho/control/pulse.h>
#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/policy.h>

#include "runtime/runtime.h"

struct policy_set {
	struct policy_set *newer; /* that took its place; NULL: none has */
	struct acl *acl;          /* NULL: everybody is answered */
	size_t acl_count;         /* rules in it */
	size_t file_lines;        /* of the configuration file, that hold something */
	struct limits_config limits;
	struct policy policies[CONFIG_DEVICES_MAX]; /* in the order of the devices */
};

/**
 * What CONFIG says for the open devices of RUNTIME. A device that CONFIG does not have keeps what
 * it was opened with. If all limits are those that the workers go by already, so are the buckets:
 * such a reload gives nobody a fresh burst. If one limit differs, all buckets are new, and full.
 * PULSE is called now and then, as it may take seconds. 0, -ENOMEM, or what PULSE returned.
 */
int policy_set_create(struct policy_set **set, const struct runtime *runtime,
	const struct config *config, const struct pulse *pulse, struct error *error);

/**
 * The policies that the workers go by, with the MACs and MTUs that the devices have now. It
 * shares the access list and the buckets with them. 0, or -ENOMEM.
 */
int policy_set_renew(struct policy_set **set, const struct runtime *runtime, struct error *error);

/**
 * Puts SET in the place of the policies that the workers go by. Those stay until
 * policy_sets_free_until().
 */
void policy_set_replace(struct runtime *runtime, struct policy_set *set);

/**
 * The policies that the workers go by, which stay until policy_set_let_go(): for threads that are
 * neither the main one nor workers.
 */
const struct policy_set *policy_set_hold(const struct runtime *runtime);

/** Ends what policy_set_hold() began. */
void policy_set_let_go(void);

/** Frees SET, which may be NULL, but for what KEEPER, which may be NULL, has too. */
void policy_set_free(struct policy_set *set, const struct policy_set *keeper);

/** Frees all of RUNTIME's that are older than SET: NULL, all there are. */
void policy_sets_free_until(struct runtime *runtime, const struct policy_set *set);

#endif
