/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the command line of udpechod. */
#ifndef UDPECHOD_OPTIONS_H
#define UDPECHOD_OPTIONS_H

#include <udpecho/control/config.h>

enum action {
	ACTION_RUN,
	ACTION_CHECK,  /* print the configuration, and start nothing */
	ACTION_DOCTOR, /* look at the machine, and start nothing */
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_REFUSE, /* the usage is wrong: the error says why */
};

/** Reads the command line into CONFIG, which config_init() has prepared. */
enum action options_read(int count, char *arguments[], struct config *config, struct error *error);

/** Writes the text of --help. */
void options_help(FILE *stream);

#endif
