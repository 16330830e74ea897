/* SPDX-License-Identifier: BSD-3-Clause */
/* The access list, against a search of all rules for the longest one that holds the source. */
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_memory.h>

#include <udpecho/datapath/acl.h>

#include "suite.h"

#define LOOK_UPS 10000
#define LISTS    100
#define MOST     60 /* rules of a list */

static uint64_t state_of_random = UINT64_C(0x9e3779b97f4a7c15);

/* Xorshift: the same numbers in each run. */
static uint32_t random_below(uint32_t limit)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 7;
	state_of_random ^= state_of_random << 17;
	return (uint32_t)(state_of_random >> 32) % limit;
}

/* A few bits of it differ from zeros or ones, so that prefixes hold, touch and repeat each other.
 */
static struct ip_address random_address(bool is_ipv4)
{
	const uint32_t fill = random_below(2) ? UINT32_MAX : 0;
	struct ip_address address = {{BE32(fill), BE32(fill), BE32(fill), BE32(fill)}};

	for (unsigned int flips = random_below(6); flips > 0; flips--) {
		const unsigned int bit = random_below(random_below(2) ? 8 : 128);

		((uint8_t *)&address)[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	}
	return is_ipv4 ? ip_address_of_ipv4(address.words[random_below(2) ? 0 : 3]) : address;
}

static int compare_rules(const void *a, const void *b)
{
	const struct ip_prefix *one = &((const struct acl_rule *)a)->prefix;
	const struct ip_prefix *other = &((const struct acl_rule *)b)->prefix;
	const int order = memcmp(&one->address, &other->address, sizeof(one->address));

	return order != 0 ? order : one->length - other->length;
}

static void make_rules(struct acl_rule rules[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ip_address address = random_address(random_below(2));
		const unsigned int bits = ip_address_family(address) == IP_FAMILY_IPV4 ? 32 : 128;
		const unsigned int length = random_below(3) ? random_below(bits + 1) : bits;

		rules[i].prefix.address = ip_address_network(address, length);
		rules[i].prefix.length = (uint8_t)length;
		rules[i].allow = random_below(2);
	}
	qsort(rules, count, sizeof(rules[0]), compare_rules);
}

static bool holds(const struct ip_prefix *prefix, struct ip_address address)
{
	const unsigned int skipped = ip_address_family(prefix->address) == IP_FAMILY_IPV4 ? 96 : 0;

	if (ip_address_family(prefix->address) != ip_address_family(address))
		return false;
	for (unsigned int bit = skipped; bit < skipped + prefix->length; bit++)
		if ((((const uint8_t *)&prefix->address)[bit / 8] ^
			    ((const uint8_t *)&address)[bit / 8]) >>
				(7 - bit % 8) &
			1)
			return false;
	return true;
}

static bool should_allow(const struct acl_rule rules[], size_t count, struct ip_address source)
{
	int longest = -1;
	bool is_allowed = true;

	for (size_t i = 0; i < count; i++)
		if (rules[i].prefix.length >= longest && holds(&rules[i].prefix, source)) {
			longest = rules[i].prefix.length;
			is_allowed = rules[i].allow;
		}
	return is_allowed;
}

/* The first or the last address of a prefix, or the one before or behind it. */
static struct ip_address at_edge(const struct ip_prefix *prefix)
{
	const unsigned int first_bit =
		ip_address_family(prefix->address) == IP_FAMILY_IPV4 ? 96 : 0;
	struct ip_address address = prefix->address;
	uint8_t *bytes = (uint8_t *)&address;
	const bool is_last = random_below(2), is_outside = random_below(2);

	for (unsigned int bit = first_bit + prefix->length; bit < 128 && is_last; bit++)
		bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	for (int i = 15; i >= (int)first_bit / 8 && is_outside; i--) {
		bytes[i] = (uint8_t)(is_last ? bytes[i] + 1 : bytes[i] - 1);
		if (bytes[i] != (is_last ? 0 : 0xff))
			break;
	}
	return address;
}

static void check_source(const struct acl *acl, const struct acl_rule rules[], size_t count,
	struct ip_address source)
{
	if (acl_allows(acl, source) == should_allow(rules, count, source))
		return;
	for (size_t i = 0; i < count; i++)
		print_error("%s %08x:%08x:%08x:%08x/%u\n", rules[i].allow ? "allow" : "deny",
			be32_get(rules[i].prefix.address.words[0]),
			be32_get(rules[i].prefix.address.words[1]),
			be32_get(rules[i].prefix.address.words[2]),
			be32_get(rules[i].prefix.address.words[3]), rules[i].prefix.length);
	fail_msg("wrong for %08x:%08x:%08x:%08x", be32_get(source.words[0]),
		be32_get(source.words[1]), be32_get(source.words[2]), be32_get(source.words[3]));
}

/* A million look-ups, in lists of a few rules. */
static void test_against_search(void **state)
{
	struct acl_rule rules[MOST];

	(void)state;
	for (unsigned int list = 0; list < LISTS; list++) {
		const size_t count = random_below(MOST + 1),
			     half = random_below((uint32_t)count + 1);
		struct acl *acl;

		make_rules(rules, count);
		acl = acl_create(rules, count, SOCKET_ID_ANY);
		assert_non_null(acl);
		assert_int_equal(acl_add(acl, rules, half), 0);
		assert_int_equal(acl_add(acl, rules + half, count - half), 0);
		for (unsigned int i = 0; i < LOOK_UPS; i++)
			check_source(acl, rules, count,
				count > 0 && random_below(2)
					? at_edge(&rules[random_below((uint32_t)count)].prefix)
					: random_address(random_below(2)));
		acl_free(acl);
	}
}

/* A rule for each of many prefixes: the list holds what acl_memory() says, and answers right. */
static void test_many(void **state)
{
	const size_t count = 100000;
	struct acl_rule *rules = calloc(count, sizeof(*rules));
	struct acl *acl;

	(void)state;
	assert_non_null(rules);
	for (size_t i = 0; i < count; i++)
		rules[i] = (struct acl_rule){
			{{{BE32(0x20010002), BE32(i * 2), BE32(0), BE32(0)}}, 64}, false};
	assert_true(acl_memory(rules, count) < (size_t)80 << 20);
	acl = acl_create(rules, count, SOCKET_ID_ANY);
	assert_non_null(acl);
	assert_int_equal(acl_add(acl, rules, count), 0);
	for (size_t i = 0; i < count; i++) {
		struct ip_address source = {
			{BE32(0x20010002), BE32(i * 2), BE32(i), BE32(UINT32_MAX)}};

		assert_false(acl_allows(acl, source));
		source.words[1] = BE32(i * 2 + 1);
		assert_true(acl_allows(acl, source));
	}
	acl_free(acl);
	free(rules);
}

int main(void)
{
	char *arguments[] = {"test_acl", "--no-huge", "-m", "256", "--no-pci", "--no-shconf",
		"--no-telemetry", "-l0", "--log-level=error"};
	int result;

	if (rte_eal_init(COUNT(arguments), arguments) < 0)
		return 1;
	suite_add("a million sources, in a hundred lists of both families", test_against_search);
	suite_add("100,000 prefixes of IPv6", test_many);
	result = suite_run("acl");
	rte_eal_cleanup();
	return result;
}
