/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line: udpecho [OPTION...] HOST[,HOST...] [PORT] */
#ifndef UDPECHO_CLIENT_COMMAND_LINE_H
#define UDPECHO_CLIENT_COMMAND_LINE_H

#include "options.h"

/** Fills OPTIONS from the command line, and with defaults. */
enum status command_line_parse(struct options *options, int argc, char **argv);

/** Prints the help on standard output. */
enum status command_line_help(void);

#endif
