/* SPDX-License-Identifier: BSD-3-Clause */
/* The access list says which sources we may answer. The longest prefix that matches decides. */
#ifndef UDPECHO_ACL_H
#define UDPECHO_ACL_H

#include <stdbool.h>
#include <stddef.h>

#include <udpecho/packet/ip_address.h>

struct acl_rule {
	struct ip_prefix prefix; /* the bits behind its length are 0 */
	bool allow;
};

struct acl;

/**
 * Makes a list that allows every source, with room for these COUNT rules and no others, on the NUMA
 * node SOCKET if it has memory. The list takes some 64 MiB, see acl_memory(). NULL: no memory.
 */
struct acl *acl_create(const struct acl_rule rules[], size_t count, int socket);

/**
 * Adds COUNT rules. Over all calls, the IPv6 ones must be in ascending order of their prefixes, a
 * shorter one first. If two rules have the same prefix, the later one applies. A rule may take up
 * to a millisecond, so a caller may want to add many rules in several calls. Returns 0 or -ENOMEM.
 */
int acl_add(struct acl *acl, const struct acl_rule rules[], size_t count);

/** Frees ACL, which may be NULL. */
void acl_free(struct acl *acl);

/** How many bytes of DPDK's memory acl_create() takes for these rules. */
size_t acl_memory(const struct acl_rule rules[], size_t count);

/** Whether ACL, a struct acl, allows SOURCE. It can be the source_is_allowed of an identity. */
bool acl_allows(const void *acl, struct ip_address source);

#endif
