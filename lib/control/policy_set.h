/* SPDX-License-Identifier: BSD-3-Clause */
/* The policies of all devices, and the access list that they share: made and replaced as a whole.
 */
#ifndef UDPECHO_POLICY_SET_H
#define UDPECHO_POLICY_SET_H

#include <udpecho/control/appliance.h>
#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/policy.h>

struct policy_set {
	struct policy_set *newer; /* that took its place; NULL: none has */
	struct acl *acl;          /* NULL: everybody is answered */
	size_t acl_count;         /* rules in it */
	size_t file_lines;        /* of the configuration file, that hold something */
	struct limits_config limits;
	struct policy policies[CONFIG_DEVICES_MAX]; /* in the order of the devices */
};

/**
 * What CONFIG says for the open devices of APPLIANCE. A device that CONFIG does not have keeps what
 * it was opened with. Where the limits are those that the appliance goes by already, so are the
 * buckets: a reload gives nobody a fresh burst. PULSE is called now and then, as it may take
 * seconds. 0, -ENOMEM, or what PULSE returned.
 */
int policy_set_create(struct policy_set **set, const struct appliance *appliance,
	const struct config *config, const struct pulse *pulse, struct error *error);

/**
 * The policies that the appliance goes by, with the MACs and MTUs that its devices have now. It
 * shares the access list and the buckets with them. 0, or -ENOMEM.
 */
int policy_set_renew(
	struct policy_set **set, const struct appliance *appliance, struct error *error);

/** Frees SET, which may be NULL, but for what KEEPER, which may be NULL, has too. */
void policy_set_free(struct policy_set *set, const struct policy_set *keeper);

/** Frees all of APPLIANCE's that are older than SET: NULL, all there are. */
void policy_sets_free_until(struct appliance *appliance, const struct policy_set *set);

#endif
