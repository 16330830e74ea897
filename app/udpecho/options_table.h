/* SPDX-License-Identifier: BSD-3-Clause */
/* A row for each option: getopt's tables and the help are made of these rows. */
#ifndef UDPECHO_CLIENT_OPTIONS_TABLE_H
#define UDPECHO_CLIENT_OPTIONS_TABLE_H

#include "options.h"

#define OPTION_COUNT 26

struct option_row {
	int code; /* the option's letter; 256 and above: it has none */
	const char *name;
	const char *argument; /* what the help calls the argument; NULL: the option takes none */
	/* Sets the option, or reports what is wrong with ARGUMENT. */
	enum status (*take)(struct options *options, const char *argument);
	const char *help;
};

extern const struct option_row option_rows[OPTION_COUNT];

#endif
