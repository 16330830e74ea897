/* SPDX-License-Identifier: BSD-3-Clause */
/* Who is logged in here from elsewhere. */
#ifndef UDPECHO_DOCTOR_LOGIN_H
#define UDPECHO_DOCTOR_LOGIN_H

#include "doctor/findings.h"

/**
 * The host that this process, or one of those that have started it, was logged in from by SSH, into
 * HOST; false: none was. sudo(8) takes SSH_CONNECTION away, but a process further up has it.
 */
bool login_find(const struct machine *machine, char host[64]);

#endif
