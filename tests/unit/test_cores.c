/* SPDX-License-Identifier: BSD-3-Clause */
/* Which cores poll, on machines that this one is not. */
#include <string.h>

#include "cores.h"
#include "settings.h"
#include "suite.h"

struct choice_case {
	const char *about;
	const char *allowed; /* cores, of which even ones are on node 0 and odd ones on node 1 */
	unsigned int count;
	int nodes[CONFIG_DEVICES_MAX];
	const char *chosen;
};

static const struct choice_case choices[] = {
	{"the last one for a device that is near none", "0-7", 1, {-1}, "7"},
	{"the last one of node 0", "0-7", 1, {0}, "6"},
	{"the last one of node 1", "0-7", 1, {1}, "7"},
	{"to each device its node", "0-7", 2, {0, 1}, "6,7"},
	{"two on one node", "0-7", 2, {0, 0}, "4,6"},
	{"none is left on the node", "0,1,3", 2, {0, 0}, "0,3"},
	{"no core on the node", "1,3", 1, {0}, "3"},
	{"a node that there is not", "0-3", 1, {7}, "3"},
	{"one is spared for the rest", "0-1", 2, {-1, -1}, "1"},
	{"more devices than cores", "0-3", 5, {-1, -1, -1, -1, -1}, "1-3"},
	{"one core does all", "5", 2, {0, 1}, "5"},
};

static int node_of(int core, const void *machine)
{
	(void)machine;
	return core % 2;
}

static void take(cpu_set_t *cores, const char *text)
{
	struct config config;
	struct error error;

	config_init(&config);
	assert_int_equal(setting_apply(&config, "cores", text, &error), 0);
	*cores = config.cores;
	config_free(&config);
}

static void test_choice(void **state)
{
	const struct choice_case *row = *state;
	cpu_set_t allowed, expected, chosen;

	take(&allowed, row->allowed);
	take(&expected, row->chosen);
	cores_choose(&chosen, &allowed, row->nodes, row->count, node_of, NULL);
	assert_true(CPU_EQUAL(&chosen, &expected));
}

static void test_nth(void **state)
{
	cpu_set_t cores;

	(void)state;
	take(&cores, "2,5-6");
	assert_int_equal(cores_nth(&cores, 0), 2);
	assert_int_equal(cores_nth(&cores, 2), 6);
	assert_int_equal(cores_nth(&cores, 3), -1);
}

/* A set, as text and back. */
struct list_case {
	const char *about;
	const char *text;
};

static const struct list_case lists[] = {
	{"a list of one", "5"},
	{"a list of ranges", "0,2-3,64-1023"},
};

static void test_list(void **state)
{
	const struct list_case *row = *state;
	cpu_set_t cores;

	take(&cores, row->text);
	assert_string_equal(cores_list(&cores).text, row->text);
}

static void test_long_list(void **state)
{
	cpu_set_t cores;
	struct cores_text list;

	(void)state;
	CPU_ZERO(&cores);
	assert_string_equal(cores_list(&cores).text, "");
	for (int core = 0; core < CPU_SETSIZE; core += 2)
		CPU_SET(core, &cores);
	list = cores_list(&cores);
	assert_int_equal(strlen(list.text), sizeof(list.text) - 1);
	assert_string_equal(list.text + strlen(list.text) - 3, "...");
}

/* Cores that the process was not started with, as isolated ones are, are its own once named. */
static void test_named(void **state)
{
	struct config config;
	struct error error;
	cpu_set_t own, one, cores, after;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(own), &own), 0);
	if (CPU_COUNT(&own) < 2)
		skip();
	config_init(&config);
	config.has_cores = true;
	config.cores = own;
	CPU_ZERO(&one);
	CPU_SET(cores_nth(&own, 0), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	assert_int_equal(cores_pick(&cores, &config, &error), 0);
	assert_true(CPU_EQUAL(&cores, &own));
	sched_getaffinity(0, sizeof(after), &after);
	assert_true(CPU_EQUAL(&after, &one));

	CPU_SET(CPU_SETSIZE - 1, &config.cores);
	assert_true(cores_pick(&cores, &config, &error) < 0);
	assert_non_null(strstr(error.text, cores_list(&own).text));
	sched_getaffinity(0, sizeof(after), &after);
	assert_true(CPU_EQUAL(&after, &one));
	sched_setaffinity(0, sizeof(own), &own);
	config_free(&config);
}

int main(void)
{
	SUITE_ADD(choices, test_choice);
	SUITE_ADD(lists, test_list);
	suite_add("named: more than the process has", test_named);
	suite_add("a list that is too long", test_long_list);
	suite_add("the core number so and so", test_nth);
	return suite_run("cores");
}
