/* SPDX-License-Identifier: BSD-3-Clause */
/* The access list: which sources may be answered. The longest prefix that matches decides. */
#ifndef UDPECHO_ACL_H
#define UDPECHO_ACL_H

#include <stdbool.h>
#include <stddef.h>

#include <udpecho/packet/ip_address.h>

struct acl_rule {
	struct ip_prefix prefix; /* of IPv4; no bits set behind its length */
	bool allow;
};

struct acl;

/**
 * A list that allows everybody, with room for these COUNT rules and no others. NULL: no memory.
 * Takes some 64 MiB, see acl_memory().
 */
struct acl *acl_create(const struct acl_rule rules[], size_t count, int socket);

/**
 * Adds COUNT of these rules; of two with the same prefix the later counts. Each takes up to a
 * millisecond, so that a caller with many may want to add some at a time. 0 or -ENOMEM.
 */
int acl_add(struct acl *acl, const struct acl_rule rules[], size_t count);

/** Frees the list; NULL is allowed. */
void acl_free(struct acl *acl);

/** Bytes of DPDK's memory that acl_create() will take for these rules. */
size_t acl_memory(const struct acl_rule rules[], size_t count);

/** Whether ACL, a struct acl, allows SOURCE; the form is that of struct identity. */
bool acl_allows(const void *acl, struct ip_address source);

#endif
