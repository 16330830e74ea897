/* SPDX-License-Identifier: BSD-3-Clause */
/* What --doctor says of machines: a table of them. */
#ifndef UNIT_DOCTOR_CASES_H
#define UNIT_DOCTOR_CASES_H

#include "doctor/examine.h"
#include "doctor/print.h"
#include "settings.h"
#include "tree.h"

/* What one check says of a machine that differs from the server in some files. */
struct doctor_case {
	const char *about;
	const char *check, *subject;
	enum doctor_grade grade;
	const char *text, *mend; /* some of each; NULL: nothing is to be mended */
	const char *device;      /* NULL: none is asked for */
	struct tree_file edits[12];
	struct setting_text settings[3];
	const char *object_path;
	const char *default_route; /* the interface that it goes through; NULL: eno1 */
	bool leaves_checksums;
};

extern const struct doctor_case doctor_cases[];
extern const size_t doctor_case_count;

#endif
