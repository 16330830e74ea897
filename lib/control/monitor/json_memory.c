/* SPDX-License-Identifier: BSD-3-Clause */
#include <jansson.h>
#include <stdlib.h>

#include "monitor/json_memory.h"

static _Thread_local bool is_short;

static void *allocate(size_t size)
{
	void *memory = malloc(size);

	is_short |= memory == NULL;
	return memory;
}

void json_memory_watch(void)
{
	json_set_alloc_funcs(allocate, free);
	is_short = false;
}

bool json_memory_was_enough(void)
{
	return !is_short;
}
