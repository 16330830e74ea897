/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>

#include <rte_lpm.h>
#include <rte_malloc.h>

#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/memory.h>

/* The next hops of the rules in rte_lpm. */
enum { HOP_DENY, HOP_ALLOW };

struct acl {
	struct rte_lpm *lpm;
	bool otherwise; /* the rule of length 0, which rte_lpm does not take */
};

/* How many groups of 256 rte_lpm may need: one for each /24 that holds a longer prefix. */
static uint32_t group_count(const struct acl_rule rules[], size_t count)
{
	uint32_t groups = 1;

	for (size_t i = 0; i < count; i++)
		groups += rules[i].prefix.length > 24;
	return groups;
}

size_t acl_memory(const struct acl_rule rules[], size_t count)
{
	return sizeof(struct rte_lpm) + count * 16 +
	       sizeof(uint32_t) * group_count(rules, count) * RTE_LPM_TBL8_GROUP_NUM_ENTRIES;
}

struct acl *acl_create(const struct acl_rule rules[], size_t count, int socket)
{
	const struct rte_lpm_config config = {
		.max_rules = (uint32_t)count + 1,
		.number_tbl8s = group_count(rules, count),
	};
	struct acl *acl = memory_near("acl", sizeof(*acl), socket);
	char name[RTE_LPM_NAMESIZE]; /* unique: a reload makes a list while another is in use */

	if (acl == NULL)
		return NULL;
	acl->otherwise = true;
	snprintf(name, sizeof(name), "acl%p", (void *)acl);
	acl->lpm = rte_lpm_create(name, socket, &config);
	if (acl->lpm == NULL) /* as memory_near() does */
		acl->lpm = rte_lpm_create(name, SOCKET_ID_ANY, &config);
	if (acl->lpm == NULL) {
		rte_free(acl);
		return NULL;
	}
	return acl;
}

int acl_add(struct acl *acl, const struct acl_rule rules[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ip_prefix *prefix = &rules[i].prefix;
		const uint32_t hop = rules[i].allow ? HOP_ALLOW : HOP_DENY;

		if (prefix->length == 0)
			acl->otherwise = rules[i].allow;
		else if (rte_lpm_add(acl->lpm, be32_get(ip_address_ipv4(prefix->address)),
				 prefix->length, hop) != 0)
			return -ENOMEM;
	}
	return 0;
}

void acl_free(struct acl *acl)
{
	if (acl == NULL)
		return;
	rte_lpm_free(acl->lpm);
	rte_free(acl);
}

bool acl_allows(const void *list, struct ip_address source)
{
	const struct acl *acl = list;
	uint32_t hop;

	if (rte_lpm_lookup(acl->lpm, be32_get(ip_address_ipv4(source)), &hop) != 0)
		return acl->otherwise;
	return hop == HOP_ALLOW;
}
