/* SPDX-License-Identifier: BSD-3-Clause */
/* The doctor's room: the machine that it looks at, what it looks at, and what it found. */
#ifndef UDPECHO_CONTROL_DOCTOR_H
#define UDPECHO_CONTROL_DOCTOR_H

#include <jansson.h>

#include <udpecho/doctor.h>

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

extern const struct machine doctor_this_machine;

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

/* What a check is about, and so when it is made. */
enum doctor_scope {
	DOCTOR_MACHINE, /* always */
	DOCTOR_NICS,    /* the machine, where a NIC is wanted */
	DOCTOR_XDP,     /* the machine, where AF_XDP is wanted */
	DOCTOR_CORES,   /* the machine, where something polls */
	DOCTOR_NIC,     /* a NIC by its PCI address */
	DOCTOR_INTERFACE,
	DOCTOR_HARDWARE, /* a NIC, or an interface that is one */
	DOCTOR_TAP,
};

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

/** Looks at MACHINE as CONFIG wants to use it, and fills DOCTOR. */
void doctor_examine(
	struct doctor *doctor, const struct machine *machine, const struct config *config);

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

/** Writes what was found, as text for a person. */
void doctor_print(const struct doctor *doctor, FILE *stream);

/** What was found, for scripts; the caller's to json_decref(). */
json_t *doctor_json(const struct doctor *doctor);

/** Sets doctor->cores. */
void doctor_pick_cores(struct doctor *doctor);

/** The NUMA node of a core; 0 where there is only one. */
int doctor_core_node(const struct machine *machine, int core);

/** The NUMA node of the PCI device; negative: none, or unknown. */
int doctor_nic_node(const struct machine *machine, const char *pci);

/** Whether all NICs that are asked for share theirs with the kernel, and need no vfio. */
bool doctor_is_bifurcated(const struct doctor *doctor);

/** Whether the machine's default route goes through the interface, by itself or as a part. */
bool doctor_is_management(const struct machine *machine, const char *interface);

/** Whether the NIC is one that may be bound to vfio-pci: none that something is sure to use. */
bool doctor_may_bind(const struct machine *machine, const char *pci);

/** Fills NAME with the kernel's interface of the PCI device, or "". */
void doctor_find_interface(const struct machine *machine, const char *pci, char *name, size_t size);

#define DOCTOR_CHECK(identifier, name, scope, text) \
	void doctor_check_##identifier(struct doctor *doctor, const struct subject *subject);
#include "doctor/doctor.def"
#undef DOCTOR_CHECK

#endif
