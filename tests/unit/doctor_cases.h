/* SPDX-License-Identifier: BSD-3-Clause */
/* What --doctor says of machines: two tables of them. */
#ifndef UNIT_DOCTOR_CASES_H
#define UNIT_DOCTOR_CASES_H

#include "doctor/examine.h"
#include "doctor/print.h"
#include "settings.h"
#include "tree.h"

/* The server's devices, and where its files are. */
#define NIC    "pci:0000:81:00.0"
#define XDP    "af_xdp:ens2"
#define PACKET "af_packet:ens2"
#define PCI    "sys/bus/pci/devices/"
#define NET    "sys/class/net/"

/* What one check says of a machine that differs from the server in some files. */
struct doctor_case {
	const char *about;
	const char *check, *subject;
	enum doctor_grade grade;
	const char *text, *fix; /* some of each; NULL: there is nothing to fix */
	const char *device;     /* NULL: none is asked for */
	struct tree_file edits[12];
	struct setting_text settings[3];
	const char *object_path;
	const char *default_route; /* the interface that it goes through; NULL: eno1 */
	bool leaves_checksums;
	const char *addresses; /* of ens2 or ADDRESSED; NULL: none */
	const char *addressed;
};

/** Of the machine as a whole. */
extern const struct doctor_case doctor_machine_cases[];
extern const size_t doctor_machine_case_count;

/** Of one device: a NIC, an interface, a capture. */
extern const struct doctor_case doctor_device_cases[];
extern const size_t doctor_device_case_count;

#endif
