/* SPDX-License-Identifier: BSD-3-Clause */
/* A row per option: getopt's tables and the help are made of it. */
#ifndef UDPECHO_CLIENT_OPTIONS_TABLE_H
#define UDPECHO_CLIENT_OPTIONS_TABLE_H

#include "options.h"

#define OPTION_COUNT 26

struct option_row {
	int code; /* its letter; from 256 on it has none */
	const char *name;
	const char *argument; /* what the help calls it; NULL when it takes none */
	/* Puts it where it belongs, or reports what is wrong with it. */
	enum status (*take)(struct options *options, const char *argument);
	const char *help;
};

extern const struct option_row option_rows[OPTION_COUNT];

#endif
