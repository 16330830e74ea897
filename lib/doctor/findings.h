/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine that the doctor looks at, what of it, and what was found. */
#ifndef UDPECHO_DOCTOR_FINDINGS_H
#define UDPECHO_DOCTOR_FINDINGS_H

#include <udpecho/control/config.h>

#include "device/condition.h"
#include "device/host.h"
#include "device/xdp.h"

/* Where the doctor looks: this machine, or one that a test made up. */
struct machine {
	const char *root;        /* what stands before /sys, /proc and the others; "": nothing */
	const char *object_path; /* $LIBXDP_OBJECT_PATH, or NULL */

	/** Where the kernel has ADDRESS: host_find_address(). */
	bool (*find_address)(be32_t address, struct host_address *found);

	/** Whether a default route goes through the interface: route_is_default(). */
	bool (*is_default_route)(const char *interface);

	/** Whether packets to the host go out through the interface: route_leads_to(). */
	bool (*leads_to)(const char *interface, const char *host);

	/** The addresses of the interface in one line: host_list_addresses(). */
	void (*list_addresses)(const char *interface, char *text, size_t size);

	/** What the kernel does with what comes in on the interface: host_forwarding(). */
	enum host_forwarding (*forwarding)(const char *interface);

	/** What AF_XDP wants of the interface: xdp_find(). */
	bool (*find_xdp)(const char *interface, struct xdp *xdp);

	/** Whether the interface is an end of a veth. */
	bool (*is_veth)(const char *interface);

	/** Whether an offload of the interface is on: interface_feature(). */
	int (*has_feature)(const char *interface, const char *feature);

	/** Whether it leaves the checksums of what it sends to its hardware; negative: unknown. */
	int (*leaves_checksums)(const char *interface);
};

enum doctor_grade {
	DOCTOR_OK,
	DOCTOR_SLOW,   /* costs speed */
	DOCTOR_RISK,   /* runs, but not as one would want it to */
	DOCTOR_STOP,   /* prevents it */
	DOCTOR_UNSEEN, /* could not be told */
	DOCTOR_GRADE_COUNT,
};

/** Of each grade, as reports have it. */
extern const char *const doctor_grade_names[];

struct finding {
	const char *check;
	const char *about; /* the subject's name */
	enum doctor_grade grade;
	char text[256];
	char mend[384]; /* a command, or what to do by hand; "": nothing to fix */
};

/* The machine, or one of its devices. */
struct subject {
	char name[64]; /* for the report: "machine", "af_xdp:eth1", "0000:01:00.0" */
	const struct config_device *device; /* NULL: nobody asked for it by name */
	char pci[24];                       /* its PCI address, or "" */
	char interface[16];                 /* its name in the kernel, or "" */
};

#define DOCTOR_SUBJECTS_MAX (1 + 256) /* virtual functions are many */
#define DOCTOR_FINDINGS_MAX 2048

struct doctor {
	const struct machine *machine;
	const struct config *config;
	cpu_set_t cores; /* that poll, or would */
	struct subject subjects[DOCTOR_SUBJECTS_MAX];
	unsigned int subject_count;
	const char *check; /* the one that is being made, and of what */
	const struct subject *subject;
	struct finding findings[DOCTOR_FINDINGS_MAX];
	unsigned int finding_count;
};

/** How many findings are of this grade. */
unsigned int doctor_count(const struct doctor *doctor, enum doctor_grade grade);

/** Adds a finding of the check that is being made. */
void doctor_say(struct doctor *doctor, enum doctor_grade grade, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Adds the condition as a finding, with its fix. */
void doctor_say_condition(
	struct doctor *doctor, enum doctor_grade grade, const struct condition *condition);

/** What fixes the last finding. */
void doctor_mend(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The same, by parameters of the kernel's command line. */
void doctor_mend_kernel(struct doctor *doctor, const char *parameters);

#endif
