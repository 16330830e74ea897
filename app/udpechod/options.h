/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of udpechod. */
#ifndef UDPECHOD_OPTIONS_H
#define UDPECHOD_OPTIONS_H

#include <udpecho/control/config.h>

enum action {
	ACTION_RUN,
	ACTION_CHECK,  /* print the configuration, start nothing */
	ACTION_DOCTOR, /* look at the machine, start nothing */
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_REFUSE, /* wrong usage: the error says what */
};

/** Reads the command line into CONFIG, which config_init() has prepared. */
enum action options_read(int count, char *arguments[], struct config *config, struct error *error);

/** Writes --help's text. */
void options_help(FILE *stream);

#endif
