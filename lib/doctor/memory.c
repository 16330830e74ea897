/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks of hugepages: a NIC reaches no other memory of udpechod. */
#include <string.h>

#include <udpecho/control/device.h>

#include "doctor/checks.h"
#include "doctor/nic.h"
#include "doctor/tree.h"

#define LEAST_MEBIBYTES  64 /* EAL and a NIC with one queue take 32 */
#define WANTED_MEBIBYTES 256
#define NODES_MAX        64
#define ALL              "/sys/kernel/mm/hugepages"

/* The hugepages of a node, in MiB. Mounted: those of sizes that a hugetlbfs is mounted for. */
struct hugepages {
	unsigned long total, mounted, free;
	unsigned long small; /* how many pages of 2 MiB */
	char text[160];      /* "128 of 128 pages of 2 MiB free, ..." */
};

static bool is_mounted(const struct machine *machine, unsigned long kibibytes)
{
	char line[512], pattern[64];

	/* The kernel writes 1 GiB as 1024M. */
	snprintf(pattern, sizeof(pattern), "* hugetlbfs *pagesize=%luM*", kibibytes / 1024);
	return tree_find(machine, line, sizeof(line), pattern, "/proc/mounts") > 0;
}

bool nic_near_pages(const struct machine *machine, const char *pci, struct near_pages *pages)
{
	char folder[128] = ALL "/hugepages-2048kB";
	const int node = doctor_nic_node(machine, pci);

	pages->node = node < 0 ? 0 : node; /* none is nearer than node 0 */
	if (tree_has(machine, "/sys/devices/system/node/node%d", pages->node))
		snprintf(folder, sizeof(folder),
			"/sys/devices/system/node/node%d/hugepages/hugepages-2048kB", pages->node);
	else
		pages->node = -1;
	pages->total = tree_number(machine, -1, "%s/nr_hugepages", folder);
	pages->free = tree_number(machine, 0, "%s/free_hugepages", folder);
	pages->is_mounted = is_mounted(machine, 2048);
	return pages->total >= 0;
}

/* The folder of a node's hugepages. PATH is the node's, with the root in front. */
static void name_folder(const struct machine *machine, char *folder, size_t size, const char *path)
{
	snprintf(folder, size, "%s/hugepages", path + strlen(machine->root));
}

/* Reads a folder that has a hugepages-NkB for each size. */
static struct hugepages read_folder(const struct machine *machine, const char *folder)
{
	struct hugepages pages = {0};
	size_t length = 0;
	glob_t sizes;

	tree_glob(machine, &sizes, "%s/hugepages-*kB", folder);
	for (size_t i = 0; i < sizes.gl_pathc && length < sizeof(pages.text); i++) {
		const char *path = sizes.gl_pathv[i] + strlen(machine->root);
		const long total = tree_number(machine, 0, "%s/nr_hugepages", path);
		const long unused = tree_number(machine, 0, "%s/free_hugepages", path);
		unsigned long kibibytes = 0;

		sscanf(tree_name(path), "hugepages-%lukB", &kibibytes);
		if (kibibytes == 2048)
			pages.small = (unsigned long)total;
		pages.total += (unsigned long)total * kibibytes / 1024;
		if (is_mounted(machine, kibibytes)) {
			pages.mounted += (unsigned long)total * kibibytes / 1024;
			pages.free += (unsigned long)unused * kibibytes / 1024;
		}
		if (total > 0)
			length += (size_t)snprintf(pages.text + length, sizeof(pages.text) - length,
				"%s%ld of %ld pages of %lu MiB free", length > 0 ? ", " : "",
				unused, total, kibibytes / 1024);
	}
	if (length == 0)
		snprintf(pages.text, sizeof(pages.text), "none reserved");
	globfree(&sizes);
	return pages;
}

/* Whether a NIC of the configuration is on NODE; -1: on any node that is known. */
static bool has_nic(const struct doctor *doctor, int node)
{
	for (unsigned int i = 1; i < doctor->subject_count; i++) {
		const struct subject *subject = &doctor->subjects[i];
		const int own = doctor_nic_node(doctor->machine, subject->pci);

		if (subject->device != NULL && subject->device->kind->pci && own >= 0 &&
			(node < 0 || own == node))
			return true;
	}
	return false;
}

static void judge(struct doctor *doctor, const struct hugepages *pages, const char *where,
	const char *folder, bool is_needed)
{
	if (pages->free >= LEAST_MEBIBYTES) {
		doctor_say(doctor, DOCTOR_OK, "%s: %s", where, pages->text);
	} else if (!is_needed) {
		doctor_say(doctor, DOCTOR_OK, "%s: %s, and no NIC needs more", where, pages->text);
	} else if (pages->total > 0 && pages->mounted == 0) {
		doctor_say(doctor, DOCTOR_STOP,
			"%s: %s, but no hugetlbfs is mounted for these pages", where, pages->text);
		doctor_fix(doctor, "mkdir -p /dev/hugepages && mount -t hugetlbfs nodev "
				   "/dev/hugepages");
	} else {
		doctor_say(doctor, DOCTOR_STOP, "%s: %s: %s", where, pages->text,
			pages->total >= LEAST_MEBIBYTES ? "another process has the pages"
							: "a NIC's buffers need more");
		doctor_fix(doctor, "echo %lu >%s/hugepages-2048kB/nr_hugepages",
			pages->small + WANTED_MEBIBYTES / 2, folder);
	}
}

/* If no NIC says which node it is near, the node with most free pages is enough. */
static void judge_nodes(
	struct doctor *doctor, const struct hugepages *pages, char *const paths[], size_t count)
{
	size_t most = 0;

	for (size_t i = 1; i < count; i++)
		if (pages[i].free > pages[most].free)
			most = i;
	for (size_t i = 0; i < count; i++) {
		const char *name = tree_name(paths[i]);
		char folder[128];
		int node = 0;

		sscanf(name, "node%d", &node);
		name_folder(doctor->machine, folder, sizeof(folder), paths[i]);
		judge(doctor, &pages[i], name, folder,
			has_nic(doctor, -1) ? has_nic(doctor, node) : i == most);
	}
}

void doctor_check_hugepages(struct doctor *doctor, const struct subject *subject)
{
	const struct machine *machine = doctor->machine;
	struct hugepages pages[NODES_MAX] = {0};
	glob_t nodes;
	size_t count;

	(void)subject;
	if (!tree_has(machine, ALL)) {
		doctor_say(doctor, DOCTOR_STOP, "the kernel has no hugepages (CONFIG_HUGETLBFS)");
		return;
	}
	tree_glob(machine, &nodes, "/sys/devices/system/node/node[0-9]*");
	count = nodes.gl_pathc < NODES_MAX ? nodes.gl_pathc : NODES_MAX;
	for (size_t i = 0; i < count; i++) {
		char folder[128];

		name_folder(machine, folder, sizeof(folder), nodes.gl_pathv[i]);
		pages[i] = read_folder(machine, folder);
	}
	judge_nodes(doctor, pages, nodes.gl_pathv, count);
	globfree(&nodes);
	if (count == 0) { /* a kernel without NUMA */
		pages[0] = read_folder(machine, ALL);
		judge(doctor, &pages[0], "in total", ALL, true);
	}
}
