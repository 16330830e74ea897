/* SPDX-License-Identifier: BSD-3-Clause */
/* The setters of a config, by the names that the command line and the file give them. */
#ifndef UNIT_SETTINGS_H
#define UNIT_SETTINGS_H

#include <udpecho/control/config.h>

/* A list ends where KEY is NULL. */
struct setting_text {
	const char *key;
	const char *text;
};

/** Sets KEY to TEXT as the command line would; fails the test where there is no such key. */
int setting_apply(struct config *config, const char *key, const char *text, struct error *error);

/** Reads TEXT as a configuration file; what config_read_file() gives. */
int config_read_text(struct config *config, const char *text, struct error *error);

#endif
