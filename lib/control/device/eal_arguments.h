/* SPDX-License-Identifier: BSD-3-Clause */
/* The arguments for EAL: those of the configuration, and then those of the operator. */
#ifndef UDPECHO_EAL_ARGUMENTS_H
#define UDPECHO_EAL_ARGUMENTS_H

#include <sched.h>
#include <stdbool.h>

#include <udpecho/control/config.h>

/**
 * Makes the arguments, with MORE twice at the end unless it is NULL. They stay until
 * eal_arguments_free(). PERMUTABLE is an array of them that EAL may permute, and that the caller
 * frees. Returns their number, or -errno.
 */
int eal_arguments_make(const struct config *config, const cpu_set_t *cores, const char *more,
	char ***permutable, struct error *error);

/* Our prefixes begin with this. The number of the process follows, or the name of a device. */
#define EAL_PREFIX "udpechod-"

/** Returns the prefix for the names of EAL's files, or NULL if the operator gave one. */
const char *eal_prefix(const struct config *config);

/** Returns whether the operator asked for EAL's log, which must then be visible. */
bool eal_is_verbose(const struct config *config);

/** Frees the arguments. EAL must have ended. */
void eal_arguments_free(void);

#endif
