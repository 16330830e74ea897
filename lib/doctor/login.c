/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "doctor/login.h"
#include "doctor/tree.h"

#define GENERATIONS_MAX 64

bool login_find(const struct machine *machine, char host[64])
{
	char process[24] = "self", line[256];
	long parent;

	for (unsigned int i = 0; i < GENERATIONS_MAX; i++) {
		if (tree_find_string(machine, line, sizeof(line), "SSH_CONNECTION=*",
			    "/proc/%s/environ", process) > 0)
			return sscanf(line, "SSH_CONNECTION=%63s", host) == 1;
		if (tree_find(machine, line, sizeof(line), "PPid:*", "/proc/%s/status", process) <=
				0 ||
			sscanf(line, "PPid: %ld", &parent) != 1 || parent <= 1)
			return false;
		snprintf(process, sizeof(process), "%ld", parent);
	}
	return false;
}
