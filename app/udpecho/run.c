/* SPDX-License-Identifier: BSD-3-Clause */
#include "run.h"

void engine_fail(struct engine *engine, int error, const struct host *host)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	/* Only the first failure is reported: later ones may follow from it. */
	pthread_mutex_lock(&lock);
	if (engine->failure == 0) {
		engine->failure = error;
		engine->failed = host;
	}
	pthread_mutex_unlock(&lock);
	__atomic_store_n(&engine->stop, true, __ATOMIC_RELAXED);
	__atomic_store_n(&engine->abandon, true, __ATOMIC_RELAXED);
}
