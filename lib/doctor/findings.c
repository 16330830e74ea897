/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "doctor/findings.h"
#include "foreign.h"

const char *const doctor_grade_names[] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_SLOW] = "slow",
	[DOCTOR_RISK] = "risk",
	[DOCTOR_STOP] = "stop",
	[DOCTOR_UNSEEN] = "unseen",
};

void doctor_say(struct doctor *doctor, enum doctor_grade grade, const char *format, ...)
{
	struct finding *finding = &doctor->findings[doctor->finding_count];
	va_list values;

	/* There is room for more than any machine has. If it is full, replace the last finding. */
	if (doctor->finding_count == DOCTOR_FINDINGS_MAX)
		finding = &doctor->findings[--doctor->finding_count];
	finding->check = doctor->check;
	finding->about = doctor->subject->name;
	finding->grade = grade;
	finding->fix[0] = '\0';
	va_start(values, format);
	vsnprintf(finding->text, sizeof(finding->text), format, values);
	va_end(values);
	foreign_tame(finding->text);
	doctor->finding_count++;
}

void doctor_fix(struct doctor *doctor, const char *format, ...)
{
	struct finding *finding = &doctor->findings[doctor->finding_count - 1];
	va_list values;

	va_start(values, format);
	vsnprintf(finding->fix, sizeof(finding->fix), format, values);
	va_end(values);
	foreign_tame(finding->fix);
}

void doctor_say_condition(
	struct doctor *doctor, enum doctor_grade grade, const struct condition *condition)
{
	doctor_say(doctor, grade, "%s", condition->text);
	doctor_fix(doctor, "%s", condition->fix);
}

void doctor_fix_kernel(struct doctor *doctor, const char *parameters)
{
	doctor_fix(doctor,
		"echo 'GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX %s\"' "
		">>/etc/default/grub.d/udpechod.cfg && update-grub && reboot",
		parameters);
}

unsigned int doctor_count(const struct doctor *doctor, enum doctor_grade grade)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < doctor->finding_count; i++)
		count += doctor->findings[i].grade == grade;
	return count;
}
