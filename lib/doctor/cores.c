/* SPDX-License-Identifier: BSD-3-Clause */
/* The cores that poll: what else runs on them, and what slows them down. */
#include <string.h>

#include <udpecho/control/device.h>

#include "config/parse.h"
#include "cores.h"
#include "doctor/checks.h"
#include "doctor/tree.h"

#define CPU     "/sys/devices/system/cpu"
#define LONG_US 10 /* a wake-up that takes as long as some round trips */
/* NOLINTBEGIN(bugprone-macro-parentheses): CORE is a name that the loop declares */
#define FOR_EACH(core, cores)                          \
	for (int core = 0; core < CPU_SETSIZE; core++) \
		if (CPU_ISSET(core, cores))
/* NOLINTEND(bugprone-macro-parentheses) */

static int node_of(int core, const void *machine)
{
	char name[16] = "";
	int node = 0;
	glob_t found;

	tree_glob(machine, &found, CPU "/cpu%d/node[0-9]*", core);
	if (found.gl_pathc > 0)
		snprintf(name, sizeof(name), "%s", tree_name(found.gl_pathv[0]));
	globfree(&found);
	sscanf(name, "node%d", &node);
	return node;
}

int doctor_core_node(const struct machine *machine, int core)
{
	return node_of(core, machine);
}

/* The doctor picks them as the appliance does: see cores_pick(). */
void doctor_pick_cores(struct doctor *doctor)
{
	const struct config *config = doctor->config;
	const unsigned int count = config->device_count > 0 ? config->device_count : 1;
	int nodes[CONFIG_DEVICES_MAX] = {-1};
	char line[4096], list[4096];
	cpu_set_t allowed;

	CPU_ZERO(&allowed);
	if (tree_find(doctor->machine, line, sizeof(line), "Cpus_allowed_list:*",
		    "/proc/self/status") > 0 &&
		sscanf(line, "Cpus_allowed_list: %4095s", list) == 1)
		parse_cores(list, &allowed);
	for (unsigned int i = 0; i < config->device_count; i++)
		nodes[i] = doctor_nic_node(doctor->machine, doctor->subjects[i + 1].pci);
	if (config->has_cores)
		doctor->cores = config->cores;
	else
		cores_choose(&doctor->cores, &allowed, nodes, count, node_of, doctor->machine);
}

static bool holds(const cpu_set_t *set, const cpu_set_t *part)
{
	cpu_set_t both;

	CPU_AND(&both, set, part);
	return CPU_EQUAL(&both, part);
}

/* Reads the list of cores of the kernel parameter "NAME=LIST". False: there is none. */
static bool read_parameter(const struct machine *machine, const char *name, cpu_set_t *cores)
{
	char line[4096], *rest = NULL;
	const size_t length = strlen(name);

	CPU_ZERO(cores);
	tree_read(machine, line, sizeof(line), "/proc/cmdline");
	for (char *word = strtok_r(line, " ", &rest); word != NULL;
		word = strtok_r(NULL, " ", &rest))
		if (strncmp(word, name, length) == 0 && word[length] == '=')
			return parse_cores(word + length + 1, cores);
	return false;
}

/* Whether this machine has all cores that are to poll; if not, says so. */
static bool are_there(struct doctor *doctor)
{
	cpu_set_t there, missing;

	tree_cores(doctor->machine, &there, CPU "/online");
	CPU_AND(&missing, &doctor->cores, &there);
	CPU_XOR(&missing, &missing, &doctor->cores);
	if (CPU_COUNT(&there) == 0 || CPU_COUNT(&missing) == 0)
		return true;
	doctor_say(doctor, DOCTOR_STOP, "there is no core %s: `lscpu -e` lists those that exist",
		cores_list(&missing).text);
	return false;
}

void doctor_check_isolation(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	const struct cores_text polling = cores_list(&doctor->cores);
	cpu_set_t isolated, tickless, quiet; /* quiet: free of RCU callbacks */
	char parameters[900] = "", missing[128] = "";
	bool is_isolated, is_tickless, is_quiet;

	(void)subject;
	if (!are_there(doctor))
		return;
	tree_cores(machine, &isolated, CPU "/isolated");
	tree_cores(machine, &tickless, CPU "/nohz_full");
	read_parameter(machine, "rcu_nocbs", &quiet);
	is_isolated = holds(&isolated, &doctor->cores);
	/* A kernel without tickless cores cannot be told to have them. */
	is_tickless = holds(&tickless, &doctor->cores) || !tree_has(machine, CPU "/nohz_full");
	/* nohz_full= moves RCU callbacks to other cores too. */
	is_quiet = holds(&quiet, &doctor->cores) || holds(&tickless, &doctor->cores);
	if (is_isolated && is_tickless && is_quiet) {
		doctor_say(doctor, DOCTOR_OK, "nothing else runs on core %s", polling.text);
		return;
	}
	if (!is_isolated && CPU_COUNT(&isolated) > 0) {
		doctor_say(doctor, DOCTOR_SLOW, "core %s polls, but core %s is isolated",
			polling.text, cores_list(&isolated).text);
		doctor_fix(doctor, "udpechod --cores=%s", cores_list(&isolated).text);
		return;
	}
	snprintf(missing, sizeof(missing), "%s%s%s", is_isolated ? "" : " other processes,",
		is_tickless ? "" : " timer ticks,", is_quiet ? "" : " RCU callbacks,");
	missing[strlen(missing) - 1] = '\0';
	doctor_say(doctor, DOCTOR_SLOW, "core %s polls, but also runs%s", polling.text, missing);
	if (!is_isolated)
		snprintf(parameters, sizeof(parameters), "isolcpus=managed_irq,domain,%s ",
			polling.text);
	if (!is_tickless)
		snprintf(parameters + strlen(parameters), sizeof(parameters) - strlen(parameters),
			"nohz_full=%s ", polling.text);
	snprintf(parameters + strlen(parameters), sizeof(parameters) - strlen(parameters),
		"rcu_nocbs=%s", polling.text);
	doctor_fix_kernel(doctor, parameters);
}

void doctor_check_governor(struct doctor *doctor, const struct subject *subject)
{
	char governor[64], worst[64] = "";
	cpu_set_t slow;

	(void)subject;
	CPU_ZERO(&slow);
	FOR_EACH(core, &doctor->cores)
	if (tree_read(doctor->machine, governor, sizeof(governor),
		    CPU "/cpu%d/cpufreq/scaling_governor", core) &&
		strcmp(governor, "performance") != 0) {
		snprintf(worst, sizeof(worst), "%s", governor);
		CPU_SET(core, &slow);
	}
	if (!tree_has(doctor->machine, CPU "/cpu0/cpufreq/scaling_governor")) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the host or the firmware sets the frequency");
	} else if (CPU_COUNT(&slow) == 0) {
		doctor_say(doctor, DOCTOR_OK, "governor performance on core %s",
			cores_list(&doctor->cores).text);
	} else {
		doctor_say(doctor, DOCTOR_SLOW,
			"governor %s on core %s: the core is slow when a frame comes", worst,
			cores_list(&slow).text);
		doctor_fix(doctor, "echo performance | tee "
				   "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
	}
}

void doctor_check_turbo(struct doctor *doctor, const struct subject *subject)
{
	static const char intel[] = CPU "/intel_pstate/no_turbo", other[] = CPU "/cpufreq/boost";
	const long no_turbo = tree_number(doctor->machine, -1, "%s", intel);
	const long boost = tree_number(doctor->machine, -1, "%s", other);

	(void)subject;
	if (no_turbo < 0 && boost < 0) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the host or the firmware sets it");
	} else if (no_turbo == 1) {
		doctor_say(doctor, DOCTOR_SLOW, "off");
		doctor_fix(doctor, "echo 0 >%s", intel);
	} else if (boost == 0) {
		doctor_say(doctor, DOCTOR_SLOW, "off");
		doctor_fix(doctor, "echo 1 >%s", other);
	} else {
		doctor_say(doctor, DOCTOR_OK,
			"on; switch it off for benchmarks, so that results repeat");
	}
}

void doctor_check_smt(struct doctor *doctor, const struct subject *subject)
{
	cpu_set_t isolated, siblings, shared;
	bool is_known = false;

	(void)subject;
	tree_cores(doctor->machine, &isolated, CPU "/isolated");
	CPU_ZERO(&shared);
	FOR_EACH(core, &doctor->cores)
	{
		is_known |= tree_cores(doctor->machine, &siblings,
			CPU "/cpu%d/topology/thread_siblings_list", core);
		CPU_CLR(core, &siblings);
		/* Nothing runs on an isolated core, unless it polls. */
		FOR_EACH(other, &siblings)
		if (!CPU_ISSET(other, &isolated) || CPU_ISSET(other, &doctor->cores))
			CPU_SET(other, &shared);
	}
	if (!is_known) {
		doctor_say(doctor, DOCTOR_UNSEEN,
			"the kernel does not tell which cores share a physical core");
		return;
	}
	if (CPU_COUNT(&shared) == 0) {
		doctor_say(doctor, DOCTOR_OK, "core %s shares no physical core with another",
			cores_list(&doctor->cores).text);
		return;
	}
	doctor_say(doctor, DOCTOR_SLOW, "core %s shares a physical core with core %s, %s",
		cores_list(&doctor->cores).text, cores_list(&shared).text,
		holds(&doctor->cores, &shared) ? "which polls too" : "where other work runs");
	doctor_fix(doctor, "echo off >" CPU "/smt/control");
}

/* Whether some worker sleeps when it has nothing to do. */
static bool has_sleeper(const struct config *config)
{
	for (unsigned int i = 0; i < config->device_count; i++) {
		const enum idle idle =
			config->has_idle ? config->idle : config->devices[i].kind->idle;

		if (idle == IDLE_SLEEP || idle == IDLE_INTERRUPT)
			return true;
	}
	return false;
}

/* The idle state that takes longest to leave, of all that the cores that poll may enter. */
static long find_deepest(const struct doctor *doctor, char *name, size_t size)
{
	const struct machine *machine = doctor->machine;
	long longest = -1;

	FOR_EACH(core, &doctor->cores)
	{
		glob_t states;

		tree_glob(machine, &states, CPU "/cpu%d/cpuidle/state[0-9]*", core);
		for (size_t i = 0; i < states.gl_pathc; i++) {
			const char *path = states.gl_pathv[i] + strlen(machine->root);
			const long latency = tree_number(machine, 0, "%s/latency", path);

			if (tree_number(machine, 0, "%s/disable", path) == 0 && latency > longest) {
				longest = latency;
				tree_read(machine, name, size, "%s/name", path);
			}
		}
		globfree(&states);
	}
	return longest;
}

void doctor_check_cstates(struct doctor *doctor, const struct subject *subject)
{
	char name[32] = "";
	const long latency = find_deepest(doctor, name, sizeof(name));

	(void)subject;
	if (latency < 0) {
		doctor_say(doctor, DOCTOR_UNSEEN, "the host or the firmware chooses");
	} else if (!has_sleeper(doctor->config)) {
		doctor_say(doctor, DOCTOR_OK,
			"workers never sleep here; %s, the deepest state, takes %ld us to leave",
			name, latency);
	} else if (latency <= LONG_US) {
		doctor_say(doctor, DOCTOR_OK, "a sleeping core wakes within %ld us", latency);
	} else {
		doctor_say(doctor, DOCTOR_SLOW,
			"workers sleep when no frames come, and %s takes %ld us to leave", name,
			latency);
		doctor_fix(doctor, "cpupower idle-set -D %d", LONG_US);
	}
}
