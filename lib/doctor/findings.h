/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine that the doctor looks at, the subjects of its checks, and its findings. */
#ifndef UDPECHO_DOCTOR_FINDINGS_H
#define UDPECHO_DOCTOR_FINDINGS_H

#include <udpecho/control/config.h>
#include <udpecho/control/error.h>

#include "device/condition.h"
#include "device/host.h"
#include "device/xdp.h"

/* The machine that the doctor looks at: this one, or one that a test made up. */
struct machine {
	const char *root;        /* the path in front of /sys, /proc and so on; "": none */
	const char *object_path; /* $LIBXDP_OBJECT_PATH, or NULL */

	/** Finds where the kernel has ADDRESS: host_find_address(). */
	bool (*find_address)(
		struct ip_address address, const char *interface, struct host_address *found);

	/** Whether a default route goes through the interface: route_is_default(). */
	bool (*is_default_route)(const char *interface);

	/** Whether packets to the host go out through the interface: route_leads_to(). */
	bool (*leads_to)(const char *interface, const char *host);

	/** The addresses of the interface in one line: host_list_addresses(). */
	void (*list_addresses)(const char *interface, char *text, size_t size);

	/** Whether the kernel forwards packets from the interface: host_forwarding(). */
	enum host_forwarding (*forwarding)(const char *interface, enum ip_family family);

	/** Finds what AF_XDP needs to know of the interface: xdp_find(). */
	bool (*find_xdp)(const char *interface, struct xdp *xdp);

	/** Whether it is there, Ethernet and up: interface_check(). Its /sys may be elsewhere. */
	int (*check_interface)(const char *interface, struct error *error);

	/** Whether the interface is up and has a carrier: interface_is_running(). */
	bool (*is_running)(const char *interface, bool otherwise);

	/** The interface's MTU; 0: unknown. */
	unsigned int (*find_mtu)(const char *interface);

	/** Whether the interface is an end of a veth. */
	bool (*is_veth)(const char *interface);

	/** Whether an offload of the interface is on: interface_feature(). */
	int (*has_feature)(const char *interface, const char *feature);

	/** Whether the interface leaves checksums to its hardware; negative: unknown. */
	int (*leaves_checksums)(const char *interface);
};

enum doctor_grade {
	DOCTOR_OK,
	DOCTOR_SLOW,   /* costs speed */
	DOCTOR_RISK,   /* udpechod runs, but something may go wrong */
	DOCTOR_STOP,   /* prevents a start */
	DOCTOR_UNSEEN, /* the doctor cannot tell */
	DOCTOR_GRADE_COUNT,
};

/** The name of each grade, as reports have it. */
extern const char *const doctor_grade_names[];

struct finding {
	const char *check;
	const char *about; /* the subject's name */
	enum doctor_grade grade;
	char text[256];
	char fix[384]; /* the fix: a command, or after "# " what to do by hand; "": none */
};

/* What a check is about: the machine, or a device. */
struct subject {
	char name[64]; /* for the report: "machine", "af_xdp:eth1", "0000:01:00.0" */
	const struct config_device *device; /* NULL: the configuration does not name it */
	char pci[24];                       /* its PCI address, or "" */
	char interface[16];                 /* its name in the kernel, or "" */
};

#define DOCTOR_SUBJECTS_MAX (1 + 256) /* virtual functions are many */
#define DOCTOR_FINDINGS_MAX 2048

struct doctor {
	const struct machine *machine;
	const struct config *config;
	cpu_set_t cores; /* that would poll */
	struct subject subjects[DOCTOR_SUBJECTS_MAX];
	unsigned int subject_count;
	unsigned int left_out; /* NICs for which there was no room */
	const char *check;     /* the check that runs, and its subject */
	const struct subject *subject;
	struct finding findings[DOCTOR_FINDINGS_MAX];
	unsigned int finding_count;
};

/** How many findings have this grade. */
unsigned int doctor_count(const struct doctor *doctor, enum doctor_grade grade);

/** Adds a finding of the check that runs. */
void doctor_say(struct doctor *doctor, enum doctor_grade grade, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Adds the condition as a finding, with its fix. */
void doctor_say_condition(
	struct doctor *doctor, enum doctor_grade grade, const struct condition *condition);

/** Sets the fix of the last finding. */
void doctor_fix(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The same, for a fix by parameters of the kernel's command line. */
void doctor_fix_kernel(struct doctor *doctor, const char *parameters);

#endif
