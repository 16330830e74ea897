/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "doctor/facts.h"
#include "doctor/print.h"
#include "json_text.h"

/* The last line has the number of findings of each grade. */
static const struct {
	enum doctor_grade grade;
	const char *text;
} sums[] = {
	{DOCTOR_STOP, "prevent a start"},
	{DOCTOR_RISK, "risks"},
	{DOCTOR_SLOW, "cost speed"},
	{DOCTOR_OK, "fine"},
	{DOCTOR_UNSEEN, "unknown"},
};

/* Without a device the doctor can't tell whose start a finding prevents: the checks tell. */
static void print_sums(const struct doctor *doctor, FILE *stream)
{
	const bool has_device = doctor->config->device_count > 0;
	const char *separator = "";

	if (!has_device)
		fputs("no device is given: nics, hugepages, iommu and vfio are for a PCI NIC, "
		      "af_xdp and libxdp for AF_XDP: for one device, `udpechod --doctor -d "
		      "DEVICE`\n",
			stream);
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		const unsigned int count = doctor_count(doctor, sums[i].grade);

		if (count == 0)
			continue;
		fprintf(stream, "%s%s%s: %u", separator, sums[i].text,
			sums[i].grade == DOCTOR_STOP && !has_device ? " on a PCI NIC or AF_XDP"
								    : "",
			count);
		separator = "; ";
	}
	fputc('\n', stream);
}

void doctor_print(const struct doctor *doctor, FILE *stream)
{
	const char *about = NULL;

	fprintf(stream, "udpechod %s: the doctor's report\n", UDPECHO_VERSION);
	for (unsigned int i = 0; i < doctor->finding_count; i++) {
		const struct finding *finding = &doctor->findings[i];

		if (finding->about != about)
			fprintf(stream, "%s\n", finding->about);
		about = finding->about;
		fprintf(stream, "  %-6s  %-11s  %s\n", doctor_grade_names[finding->grade],
			finding->check, finding->text);
		if (finding->fix[0] != '\0')
			fprintf(stream, "          %-11s  %s\n", "  fix:", finding->fix);
	}
	print_sums(doctor, stream);
}

/* The fix as JSON: a command without its note, as scripts do not need that. NULL: no fix. */
static json_t *fix_json(const struct finding *finding)
{
	const char *note = strstr(finding->fix, " # ");

	if (finding->fix[0] == '\0')
		return NULL;
	return note == NULL ? json_text(finding->fix)
			    : json_text_cut(finding->fix, (size_t)(note - finding->fix));
}

json_t *doctor_json(const struct doctor *doctor)
{
	json_t *report = json_object(), *findings = json_array(), *counts = json_object();

	for (unsigned int i = 0; i < doctor->finding_count; i++) {
		const struct finding *finding = &doctor->findings[i];

		json_array_append_new(findings,
			json_pack("{so ss ss so so*}", "about", json_text(finding->about), "check",
				finding->check, "grade", doctor_grade_names[finding->grade], "text",
				json_text(finding->text), "mend", fix_json(finding)));
	}
	for (int grade = 0; grade < DOCTOR_GRADE_COUNT; grade++)
		json_object_set_new(counts, doctor_grade_names[grade],
			json_integer(doctor_count(doctor, (enum doctor_grade)grade)));
	json_object_set_new(report, "version", json_string(UDPECHO_VERSION));
	json_object_set_new(report, "counts", counts);
	json_object_set_new(report, "findings", findings);
	json_object_set_new(report, "nics", facts_json(doctor));
	return report;
}
