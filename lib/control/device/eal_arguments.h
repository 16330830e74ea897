/* SPDX-License-Identifier: BSD-3-Clause */
/* What EAL is told: by the configuration, and then by the operator. */
#ifndef UDPECHO_EAL_ARGUMENTS_H
#define UDPECHO_EAL_ARGUMENTS_H

#include <sched.h>
#include <stdbool.h>

#include <udpecho/control/config.h>

/**
 * Makes the arguments, with MORE (NULL: none) as the last two, kept until eal_arguments_free(), and
 * in PERMUTABLE an array of them for EAL to permute, which is the caller's to free(). How many they
 * are, or -errno.
 */
int eal_arguments_make(const struct config *config, const cpu_set_t *cores, const char *more,
	char ***permutable, struct error *error);

/* What the prefixes of our own choice begin with; the number of the process follows, or a device.
 */
#define EAL_PREFIX "udpechod-"

/** What EAL is told to begin the names of its files with; kept. NULL: the operator chose. */
const char *eal_prefix(const struct config *config);

/** Whether the operator asked EAL for its log, so that none of it may be hidden. */
bool eal_is_verbose(const struct config *config);

/** Frees them: once EAL has ended. */
void eal_arguments_free(void);

#endif
