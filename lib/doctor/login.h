/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds from which host a user is logged in here. */
#ifndef UDPECHO_DOCTOR_LOGIN_H
#define UDPECHO_DOCTOR_LOGIN_H

#include "doctor/findings.h"

/**
 * Fills HOST with the host from which somebody logged in by SSH to start this process. False:
 * nobody did. sudo(8) removes SSH_CONNECTION, so this looks at parent processes too.
 */
bool login_find(const struct machine *machine, char host[64]);

#endif
