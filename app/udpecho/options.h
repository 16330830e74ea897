/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line: udpecho [OPTION...] HOST [PORT] */
#ifndef UDPECHO_CLIENT_OPTIONS_H
#define UDPECHO_CLIENT_OPTIONS_H

#include <stdint.h>

#include "report.h"

/* What the command line asks for. */
enum task {
	TASK_ECHO,
	TASK_HELP,
	TASK_VERSION,
};

struct options {
	enum task task;
	const char *host;
	uint16_t port;
	int64_t timeout_nanoseconds;
};

/** Fills in the options, with the defaults where the command line says nothing. */
enum status options_parse(struct options *options, int argc, char **argv);

/** Prints the help on standard output. */
enum status options_help(void);

#endif
