/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "config/parse.h"

#include "suite.h"

/* A list and what it says: up to three ranges. */
struct list_case {
	const char *about;
	const char *text;
	bool good;
	struct {
		unsigned int first, last; /* 0, 0: no range */
	} ranges[3];
};

static const struct list_case ports[] = {
	{"ports: one", "7", true, {{7, 7}}},
	{"ports: one and a range", "7,7000-7099", true, {{7, 7}, {7000, 7099}}},
	{"ports: any", "any", true, {{1, 65535}}},
	{"ports: the lowest and the highest", "1,65535", true, {{1, 1}, {65535, 65535}}},
	{"ports: the whole range", "1-65535", true, {{1, 65535}}},
	{"ports: a range of one", "7-7", true, {{7, 7}}},
	{"ports: overlapping and in no order", "10-20,5,15-30", true, {{5, 5}, {10, 30}}},
	{"ports: twice the same", "7,7", true, {{7, 7}}},
	{"ports: across words of the set", "63-64,127-129", true, {{63, 64}, {127, 129}}},
	{"ports: 0", "0", false, {{0, 0}}},
	{"ports: from 0", "0-7", false, {{0, 0}}},
	{"ports: 65536", "65536", false, {{0, 0}}},
	{"ports: to 65536", "7-65536", false, {{0, 0}}},
	{"ports: 2^64 + 7", "18446744073709551623", false, {{0, 0}}},
	{"ports: 2^32 + 7", "4294967303", false, {{0, 0}}},
	{"ports: 2^16 + 7", "65543", false, {{0, 0}}},
	{"ports: a range backwards", "9-7", false, {{0, 0}}},
	{"ports: empty", "", false, {{0, 0}}},
	{"ports: a comma alone", ",", false, {{0, 0}}},
	{"ports: a comma behind", "7,", false, {{0, 0}}},
	{"ports: a comma before", ",7", false, {{0, 0}}},
	{"ports: two commas", "7,,9", false, {{0, 0}}},
	{"ports: no end", "7-", false, {{0, 0}}},
	{"ports: no beginning", "-7", false, {{0, 0}}},
	{"ports: a range of three", "7-8-9", false, {{0, 0}}},
	{"ports: a blank before", " 7", false, {{0, 0}}},
	{"ports: a blank inside", "7, 9", false, {{0, 0}}},
	{"ports: a sign", "+7", false, {{0, 0}}},
	{"ports: hexadecimal", "0x7", false, {{0, 0}}},
	{"ports: a name", "echo", false, {{0, 0}}},
	{"ports: any among others", "7,any", false, {{0, 0}}},
	{"ports: others behind any", "any,7", false, {{0, 0}}},
	{"ports: any in capitals", "ANY", false, {{0, 0}}},
};

static bool is_in(const struct list_case *row, unsigned int number)
{
	for (size_t i = 0; i < COUNT(row->ranges); i++)
		if (number >= row->ranges[i].first && number <= row->ranges[i].last &&
			row->ranges[i].last > 0)
			return true;
	return false;
}

static void test_ports(void **state)
{
	const struct list_case *row = *state;
	struct port_set set;

	memset(&set, 0xff, sizeof(set)); /* what was there before is forgotten */
	assert_int_equal(parse_ports(row->text, &set), row->good);
	for (unsigned int port = 0; row->good && port <= UINT16_MAX; port++)
		assert_int_equal(port_set_has(&set, BE16(port)), is_in(row, port));
}

static const struct list_case cores[] = {
	{"cores: one", "1", true, {{1, 1}}},
	{"cores: one and a range", "1,3-5", true, {{1, 1}, {3, 5}}},
	{"cores: the highest", "1023", true, {{1023, 1023}}},
	{"cores: a range over all but 0", "1-1023", true, {{1, 1023}}},
	{"cores: 1024", "1024", false, {{0, 0}}},
	{"cores: up to 1024", "3-1024", false, {{0, 0}}},
	{"cores: backwards", "5-3", false, {{0, 0}}},
	{"cores: empty", "", false, {{0, 0}}},
	{"cores: any", "any", false, {{0, 0}}},
	{"cores: a comma behind", "1,", false, {{0, 0}}},
	{"cores: negative", "-1", false, {{0, 0}}},
	{"cores: EAL's own spelling", "1@2", false, {{0, 0}}},
};

static void test_cores(void **state)
{
	const struct list_case *row = *state;
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	assert_int_equal(parse_cores(row->text, &set), row->good);
	for (unsigned int core = 0; row->good && core < CPU_SETSIZE; core++)
		assert_int_equal(CPU_ISSET(core, &set) != 0, is_in(row, core));
}

static void test_core_0(void **state)
{
	cpu_set_t set;

	(void)state;
	assert_true(parse_cores("0", &set));
	assert_int_equal(CPU_COUNT(&set), 1);
	assert_true(CPU_ISSET(0, &set));
}

struct rate_case {
	const char *about;
	const char *text;
	bool good;
	uint64_t per_second, burst;
};

static const struct rate_case rates[] = {
	{"rate: alone, a burst of a second", "1000", true, 1000, 1000},
	{"rate: with a burst", "1000:50", true, 1000, 50},
	{"rate: the least", "1:1", true, 1, 1},
	{"rate: the greatest", "1000000000:1000000000", true, 1000000000, 1000000000},
	{"rate: greater", "1000000001", false, 0, 0},
	{"rate: a greater burst", "1:1000000001", false, 0, 0},
	{"rate: 0", "0", false, 0, 0},
	{"rate: a burst of 0", "5:0", false, 0, 0},
	{"rate: no burst behind the colon", "5:", false, 0, 0},
	{"rate: a burst alone", ":5", false, 0, 0},
	{"rate: three numbers", "5:5:5", false, 0, 0},
	{"rate: something behind it", "5/s", false, 0, 0},
	{"rate: empty", "", false, 0, 0},
	{"rate: negative", "-5", false, 0, 0},
};

static void test_rate(void **state)
{
	const struct rate_case *row = *state;
	struct rate rate = {0, 0};

	assert_int_equal(parse_rate(row->text, &rate), row->good);
	if (!row->good)
		return;
	assert_int_equal(rate.per_second, row->per_second);
	assert_int_equal(rate.burst, row->burst);
}

struct count_case {
	const char *about;
	const char *text;
	bool good;
	unsigned int number; /* from 5 to 4000000000 */
};

static const struct count_case counts[] = {
	{"count: the least", "5", true, 5},
	{"count: the greatest", "4000000000", true, 4000000000},
	{"count: under it", "4", false, 0},
	{"count: over it", "4000000001", false, 0},
	{"count: 2^32 + 5", "4294967301", false, 0},
	{"count: empty", "", false, 0},
	{"count: something behind it", "5 ", false, 0},
	{"count: negative", "-5", false, 0},
};

static void test_count(void **state)
{
	const struct count_case *row = *state;
	unsigned int number = 0;

	assert_int_equal(parse_count(row->text, 5, 4000000000, &number), row->good);
	if (row->good)
		assert_int_equal(number, row->number);
}

int main(void)
{
	SUITE_ADD(ports, test_ports);
	SUITE_ADD(cores, test_cores);
	suite_add("cores: 0 is one", test_core_0);
	SUITE_ADD(rates, test_rate);
	SUITE_ADD(counts, test_count);
	return suite_run("parse_numbers");
}
