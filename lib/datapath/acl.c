/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_lpm.h>
#include <rte_malloc.h>

#include <udpecho/datapath/acl.h>
#include <udpecho/datapath/memory.h>

/* The next hops of the rules in rte_lpm. */
enum { HOP_DENY, HOP_ALLOW };

/* An IPv6 address as a number. */
__extension__ typedef unsigned __int128 number;

/*
 * IPv4 sources have rte_lpm. Its sibling for IPv6 would need 5 KiB for each /64 and 13 KiB for each
 * host. Instead, there are the addresses at which the answer changes, when one goes from :: to the
 * last address: the number of changes up to a source is even if it is allowed.
 */
struct acl {
	struct rte_lpm *lpm;
	bool otherwise; /* the rule of length 0, which rte_lpm does not take */
	size_t change_count;
	number changes[]; /* in ascending order */
};

/* What a list needs for its rules. */
struct needs {
	uint32_t ipv4_rules;
	uint32_t groups; /* of 256 in rte_lpm: one for each /24 that holds a longer prefix */
	size_t changes;  /* a prefix begins and ends */
};

static struct needs find_needs(const struct acl_rule rules[], size_t count)
{
	struct needs needs = {.ipv4_rules = 1, .groups = 1}; /* rte_lpm takes no 0 */

	for (size_t i = 0; i < count; i++)
		if (ip_address_family(rules[i].prefix.address) == IP_FAMILY_IPV6) {
			needs.changes += 2;
		} else {
			needs.ipv4_rules++;
			needs.groups += rules[i].prefix.length > 24;
		}
	return needs;
}

size_t acl_memory(const struct acl_rule rules[], size_t count)
{
	const struct needs needs = find_needs(rules, count);

	return sizeof(struct rte_lpm) + needs.ipv4_rules * (size_t)16 +
	       sizeof(uint32_t) * needs.groups * RTE_LPM_TBL8_GROUP_NUM_ENTRIES +
	       sizeof(number) * needs.changes;
}

struct acl *acl_create(const struct acl_rule rules[], size_t count, int socket)
{
	const struct needs needs = find_needs(rules, count);
	const struct rte_lpm_config config = {
		.max_rules = needs.ipv4_rules,
		.number_tbl8s = needs.groups,
	};
	struct acl *acl = memory_near("acl", sizeof(*acl) + needs.changes * sizeof(number), socket);
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

static int add_ipv4(struct acl *acl, const struct acl_rule *rule)
{
	const uint32_t address = be32_get(ip_address_ipv4(rule->prefix.address));

	if (rule->prefix.length == 0)
		acl->otherwise = rule->allow;
	else if (rte_lpm_add(acl->lpm, address, rule->prefix.length,
			 rule->allow ? HOP_ALLOW : HOP_DENY) != 0)
		return -ENOMEM;
	return 0;
}

static number number_of(struct ip_address address)
{
	rte_be64_t halves[2];

	memcpy(halves, &address, sizeof(halves));
	return (number)rte_be_to_cpu_64(halves[0]) << 64 | rte_be_to_cpu_64(halves[1]);
}

/* How many changes there are up to ADDRESS. No branch depends on it: a CPU can't foresee it. */
static size_t changes_up_to(const struct acl *acl, number address)
{
	const number *changes = acl->changes;
	size_t step;

	for (size_t count = acl->change_count; count > 0; count -= step) {
		step = (count + 1) / 2;
		changes += step & -(size_t)(changes[step - 1] <= address);
	}
	return (size_t)(changes - acl->changes);
}

/* Two changes at the same address are none. */
static void add_change(struct acl *acl, number address)
{
	const size_t place = changes_up_to(acl, address);

	memmove(&acl->changes[place + 1], &acl->changes[place],
		(acl->change_count - place) * sizeof(number));
	acl->changes[place] = address;
	acl->change_count++;
}

/*
 * The addresses of RULE have one answer so far, that of the shorter prefix which holds them all. If
 * theirs is the other one, the answer changes where they begin and behind the last. In ascending
 * order, both are at the end of the list, but for the ends of those shorter prefixes.
 */
static void add_ipv6(struct acl *acl, const struct acl_rule *rule)
{
	const number first = number_of(rule->prefix.address);
	const number size = rule->prefix.length > 0 ? (number)1 << (128 - rule->prefix.length) : 0;
	const bool is_allowed = changes_up_to(acl, first) % 2 == 0;

	if (rule->allow == is_allowed)
		return;
	add_change(acl, first);
	if (first + size != 0) /* which is behind the last address of all */
		add_change(acl, first + size);
}

int acl_add(struct acl *acl, const struct acl_rule rules[], size_t count)
{
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		if (ip_address_family(rules[i].prefix.address) == IP_FAMILY_IPV4)
			result = add_ipv4(acl, &rules[i]);
		else
			add_ipv6(acl, &rules[i]);
	return result;
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

	if (unlikely(ip_address_family(source) == IP_FAMILY_IPV6))
		return changes_up_to(acl, number_of(source)) % 2 == 0;
	if (rte_lpm_lookup(acl->lpm, be32_get(ip_address_ipv4(source)), &hop) != 0)
		return acl->otherwise;
	return hop == HOP_ALLOW;
}
