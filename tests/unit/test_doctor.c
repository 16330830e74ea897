/* SPDX-License-Identifier: BSD-3-Clause */
/* --doctor on machines that this one is not: each check where all is fine, and where it is not. */
#include <stdlib.h>
#include <string.h>

#include "doctor_cases.h"
#include "doctor_host.h"
#include "machine.h"
#include "suite.h"

#define GROUPS "sys/kernel/iommu_groups/"
#define BAD    "\xef\xbf\xbd" /* U+FFFD */
#define NODES  "sys/devices/system/node/"

static json_t *report; /* of the machine that was the last to be looked at */

static const struct tree_file *more; /* of the next machine; NULL: none */

/* Makes the machine of ROW, and has it looked at; the caller's to free(). */
static struct doctor *examine(const struct doctor_case *row, struct config *config)
{
	struct doctor *doctor = malloc(sizeof(*doctor));
	char root[TREE_PATH_MAX];
	struct error error;
	struct machine machine;

	assert_non_null(doctor);
	doctor_host(&machine, row, root);
	config_init(config);
	assert_int_equal(setting_apply(config, "cores", "7", &error), 0);
	if (row->device != NULL)
		assert_int_equal(setting_apply(config, "device", row->device, &error), 0);
	for (const struct setting_text *set = row->settings; set->key != NULL; set++)
		assert_int_equal(setting_apply(config, set->key, set->text, &error), 0);
	tree_make(root);
	tree_write(root, server);
	tree_write(root, row->edits);
	if (more != NULL)
		tree_write(root, more);
	doctor_examine(doctor, &machine, config);
	json_decref(report);
	report = doctor_json(doctor);
	tree_remove(root);
	return doctor;
}

static const struct finding *find(
	const struct doctor *doctor, const char *check, const char *subject, const char *text)
{
	for (unsigned int i = 0; i < doctor->finding_count; i++) {
		const struct finding *finding = &doctor->findings[i];

		if (strcmp(finding->check, check) == 0 && strcmp(finding->about, subject) == 0 &&
			strstr(finding->text, text) != NULL)
			return finding;
	}
	return NULL;
}

/* A fix is a line for the shell: a command, or a comment for what is to be done by hand. */
static bool is_command(const char *fix)
{
	static const char *const words[] = {"#", "apt-get", "cpupower", "dpdk-devbind.py", "echo",
		"ethtool", "ip", "lspci", "mkdir", "modprobe", "mount", "sed", "ss", "sysctl",
		"udpechod", "ulimit", "unset"};
	const size_t length = strcspn(fix, " ");

	for (size_t i = 0; i < COUNT(words); i++)
		if (strlen(words[i]) == length && strncmp(fix, words[i], length) == 0)
			return true;
	return false;
}

static void test_case(void **state)
{
	const struct doctor_case *row = *state;
	struct config config;
	struct doctor *doctor = examine(row, &config);
	const struct finding *finding = find(doctor, row->check, row->subject, row->text);

	if (finding == NULL) {
		doctor_print(doctor, stderr);
		fail_msg("%s does not say of %s: %s", row->check, row->subject, row->text);
	}
	assert_string_equal(doctor_grade_names[finding->grade], doctor_grade_names[row->grade]);
	if (finding->fix[0] != '\0' && !is_command(finding->fix))
		fail_msg("no command: \"%s\"", finding->fix);
	if (row->fix == NULL)
		assert_string_equal(finding->fix, "");
	else if (strstr(finding->fix, row->fix) == NULL)
		fail_msg("no \"%s\" in \"%s\"", row->fix, finding->fix);
	free(doctor);
	config_free(&config);
}

/* Adds the rows of CASES on check NAME: those where all is fine, and those where something is not.
 */
static void count_cases(const struct doctor_case *cases, size_t count, const char *name,
	unsigned int *fine, unsigned int *not_fine)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(cases[i].check, name) == 0) {
			const enum doctor_grade grade = cases[i].grade;

			*fine += grade == DOCTOR_OK;
			*not_fine += grade != DOCTOR_OK && grade != DOCTOR_UNSEEN;
		}
}

/* The tables have each check fine, and not fine. */
static void test_all(void **state)
{
	static const char *const names[] = {
#define DOCTOR_CHECK(identifier, name, scope, text) name,
#include "doctor/doctor.def"
#undef DOCTOR_CHECK
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		unsigned int fine = 0, not_fine = 0;

		count_cases(doctor_machine_cases, doctor_machine_case_count, names[i], &fine,
			&not_fine);
		count_cases(
			doctor_device_cases, doctor_device_case_count, names[i], &fine, &not_fine);
		if (fine == 0 || not_fine == 0)
			fail_msg("%s: %u cases fine, %u not", names[i], fine, not_fine);
	}
}

/* The server is in order, whatever is asked of it. */
static void test_server(void **state)
{
	static const char *const devices[] = {NULL, NIC, "af_packet:ens2"};

	(void)state;
	for (size_t i = 0; i < COUNT(devices); i++) {
		const struct doctor_case row = {
			.device = devices[i], .settings = {{"idle", "spin"}}};
		struct config config;
		struct doctor *doctor = examine(&row, &config);

		if (doctor_count(doctor, DOCTOR_OK) != doctor->finding_count) {
			doctor_print(doctor, stderr);
			fail_msg(
				"%s: all should be fine", devices[i] != NULL ? devices[i] : "none");
		}
		free(doctor);
		config_free(&config);
	}
}

/* A NIC's machine is not asked for what only interfaces want, and the other way round. */
static void test_scope(void **state)
{
	const struct doctor_case nic = {.device = NIC}, interface = {.device = "af_packet:ens2"};
	struct config config;
	struct doctor *doctor = examine(&nic, &config);

	(void)state;
	assert_non_null(find(doctor, "hugepages", "machine", ""));
	assert_null(find(doctor, "libxdp", "machine", ""));
	assert_null(find(doctor, "nics", "machine", ""));
	assert_null(find(doctor, "link", NIC, ""));
	free(doctor);
	config_free(&config);
	doctor = examine(&interface, &config);
	assert_null(find(doctor, "hugepages", "machine", ""));
	assert_null(find(doctor, "driver", "af_packet:ens2", ""));
	assert_null(find(doctor, "libxdp", "machine", ""));
	free(doctor);
	config_free(&config);
}

/* What a script reads is what a person does. */
static void test_json(void **state)
{
	const struct doctor_case row = {.device = NIC,
		.edits = {{"proc/mounts", ""}, {"proc/self/status", "CapEff:\t0000000000003000\n"}},
		.settings = {{"cores", "3"}}};
	struct config config;
	struct doctor *doctor = examine(&row, &config);
	json_t *findings = json_object_get(report, "findings"), *one;
	unsigned int noted = 0;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(findings), doctor->finding_count);
	json_array_foreach(findings, i, one)
	{
		const struct finding *finding = &doctor->findings[i];
		const char *fix = json_string_value(json_object_get(one, "mend"));

		assert_string_equal(
			json_string_value(json_object_get(one, "about")), finding->about);
		assert_string_equal(
			json_string_value(json_object_get(one, "check")), finding->check);
		assert_string_equal(json_string_value(json_object_get(one, "grade")),
			doctor_grade_names[finding->grade]);
		assert_string_equal(json_string_value(json_object_get(one, "text")), finding->text);
		assert_memory_equal(
			finding->fix, fix != NULL ? fix : "", fix != NULL ? strlen(fix) : 1);
		noted += strstr(finding->fix, " # ") != NULL;
		assert_true(fix == NULL || strstr(fix, " # ") == NULL);
	}
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(report, "counts"), "stop")),
		doctor_count(doctor, DOCTOR_STOP));
	assert_int_equal(doctor_count(doctor, DOCTOR_STOP), 2);
	assert_true(noted > 0);
	free(doctor);
	config_free(&config);
}

/* What scripts/bind-nic wants to know of each NIC. */
static void test_facts(void **state)
{
	char expected[] = /* with the other quotes, as C escapes these */
		"[{'address': '0000:02:00.0', 'interface': 'eno1', 'interfaces': ['eno1'],"
		" 'driver': 'igb',"
		" 'use': 'management', 'why': 'you reach this machine through it',"
		" 'bifurcated': false, 'management': true, 'neighbours': [],"
		" 'hugepages': {'node': 0, 'total': 0, 'free': 0, 'mounted': true}},"
		"{'address': '0000:81:00.0', 'interface': '', 'interfaces': [],"
		" 'driver': 'vfio-pci', 'use': 'ours',"
		" 'why': '', 'bifurcated': false, 'management': false,"
		" 'neighbours': [{'address': '0000:81:00.1', 'driver': 'mlx5_core'}],"
		" 'hugepages': {'node': 1, 'total': 256, 'free': 200, 'mounted': true}},"
		"{'address': '0000:81:00.1', 'interface': 'ens2', 'interfaces': ['ens2'],"
		" 'driver': 'mlx5_core',"
		" 'use': 'addressed', 'why': 'it has addresses (198.18.7.7/24)',"
		" 'bifurcated': true, 'management': false, 'neighbours': []}]";
	const struct doctor_case row = {.addresses = "198.18.7.7/24",
		.edits = {{GROUPS "12/devices/0000:81:00.1", "-> ../../../../NIC"},
			{GROUPS "12/devices/0000:00:1f.2", "-> ../../../../NIC"},
			{PCI "0000:81:00.1/driver", "-> ../drivers/mlx5_core"},
			{PCI "0000:81:00.1/numa_node", "2\n"}, {NODES "node2/cpulist", "\n"},
			{NODES "node1/hugepages/hugepages-2048kB/free_hugepages", "200\n"}}};
	struct config config;
	struct doctor *doctor = examine(&row, &config);
	json_t *wanted;

	(void)state;
	for (char *c = expected; *c != '\0'; c++)
		*c = *c == '\'' ? '"' : *c;
	wanted = json_loads(expected, 0, NULL);
	assert_non_null(wanted);
	if (!json_equal(wanted, json_object_get(report, "nics"))) {
		json_dumpf(report, stderr, JSON_INDENT(2));
		fail_msg("not the facts of NICs");
	}
	json_decref(wanted);
	free(doctor);
	config_free(&config);
}

/* Names need not be UTF-8, and a name may be cut within a character: no finding is lost. */
static void test_bytes(void **state)
{
	static const char *const rows[][2] = {
		{"af_xdp:r\xff", "af_xdp:r\xef\xbf\xbd"},
		{"af_xdp:\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
			"af_xdp:\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{"af_xdp:\xc0\xaf\xed\xa0\x80", "af_xdp:" BAD BAD BAD BAD BAD},
		{"af_packet:wide\xe2\x82", "af_packet:wide" BAD BAD},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct doctor_case row = {.device = rows[i][0],
			.edits = {{PCI "0000:81:00.1/net/r\xff/type", "1\n"}}};
		struct config config;
		struct doctor *doctor = examine(&row, &config);
		json_t *findings = json_object_get(report, "findings");
		const size_t count = json_array_size(findings);

		assert_int_equal(count, doctor->finding_count);
		assert_string_equal(json_string_value(json_object_get(
					    json_array_get(findings, count - 1), "about")),
			rows[i][1]);
		assert_int_equal(json_array_size(json_object_get(report, "nics")), i == 0);
		free(doctor);
		config_free(&config);
	}
}

/* With three of the server's own, there are 303 NICs, and room for 256. */
static void test_many(void **state)
{
	static struct tree_file files[301];
	static char paths[300][64];
	const struct doctor_case row = {.device = NULL};
	const struct finding *finding;
	struct config config;
	struct doctor *doctor;

	(void)state;
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(paths[i], sizeof(paths[i]), PCI "0001:%02x:%02x.0/class", i / 32, i % 32);
		files[i] = (struct tree_file){paths[i], "0x020000\n"};
	}
	more = files;
	doctor = examine(&row, &config);
	more = NULL;
	finding = find(doctor, "nics", "machine", "47 more NICs");
	assert_non_null(finding);
	assert_int_equal(finding->grade, DOCTOR_UNSEEN);
	assert_int_equal(json_array_size(json_object_get(report, "nics")), 256);
	free(doctor);
	config_free(&config);
}

int main(void)
{
	int status;

	suite_add_rows(doctor_machine_cases, doctor_machine_case_count,
		sizeof(doctor_machine_cases[0]), test_case);
	suite_add_rows(doctor_device_cases, doctor_device_case_count,
		sizeof(doctor_device_cases[0]), test_case);
	suite_add("every check: fine, and not fine", test_all);
	suite_add("a server in order", test_server);
	suite_add("only what the devices want", test_scope);
	suite_add("as JSON", test_json);
	suite_add("the facts of NICs", test_facts);
	suite_add("names that are not UTF-8", test_bytes);
	suite_add("more NICs than there is room for", test_many);
	status = suite_run("doctor");
	json_decref(report);
	return status;
}
