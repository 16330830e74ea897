/* SPDX-License-Identifier: BSD-3-Clause */
#include "doctor/facts.h"
#include "doctor/nic.h"
#include "doctor/tree.h"
#include "json_text.h"

static json_t *neighbours_json(const struct machine *machine, const char *pci)
{
	struct neighbour neighbours[NEIGHBOURS_MAX];
	const size_t count = nic_neighbours(machine, pci, neighbours, NEIGHBOURS_MAX);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{ss ss}", "address", neighbours[i].pci,
						    "driver", neighbours[i].driver));
	return list;
}

static json_t *interfaces_json(const struct machine *machine, const char *pci)
{
	json_t *list = json_array();
	glob_t found;

	nic_interfaces(machine, pci, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		json_array_append_new(list, json_text(tree_name(found.gl_pathv[i])));
	globfree(&found);
	return list;
}

static json_t *pages_json(const struct machine *machine, const char *pci)
{
	struct near_pages pages;

	if (!nic_near_pages(machine, pci, &pages))
		return NULL;
	return json_pack("{si sI sI sb}", "node", pages.node, "total", (json_int_t)pages.total,
		"free", (json_int_t)pages.free, "mounted", pages.is_mounted);
}

json_t *facts_json(const struct doctor *doctor)
{
	const struct machine *machine = doctor->machine;
	json_t *nics = json_array();

	for (unsigned int i = 0; i < doctor->subject_count; i++) {
		const struct subject *subject = &doctor->subjects[i];
		const char *pci = subject->pci;
		struct nic nic;

		if (pci[0] == '\0' || !tree_has(machine, "/sys/bus/pci/devices/%s", pci))
			continue;
		nic = nic_look(machine, pci);
		json_array_append_new(nics,
			json_pack("{ss so so so ss so sb sb so so*}", "address", pci, "interface",
				json_text(nic.interface), "interfaces",
				interfaces_json(machine, pci), "driver", json_text(nic.driver),
				"use", nic_use_names[nic.use], "why", json_text(nic.why.text),
				"bifurcated", nic.is_bifurcated, "management", nic.is_management,
				"neighbours", neighbours_json(machine, pci), "hugepages",
				pages_json(machine, pci)));
	}
	return nics;
}
