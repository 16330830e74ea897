/* SPDX-License-Identifier: BSD-3-Clause */
#include "bottleneck.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"

#define TARDY_SHARE 0.01 /* of all datagrams; fewer may be late by chance */
#define TARDY_LEAST 10
#define IDLE_SHARE  0.1 /* of the time */

/* Adds a reason, after a semicolon if it is not the first. */
static void __attribute__((format(printf, 3, 4)))
reason_add(char *why, size_t size, const char *format, ...)
{
	const size_t length = strlen(why);
	va_list arguments;

	(void)snprintf(why + length, size - length, "%s", length > 0 ? "; " : "");
	va_start(arguments, format);
	(void)vsnprintf(why + strlen(why), size - strlen(why), format, arguments);
	va_end(arguments);
}

bool bottleneck_find(const struct engine *engine, char *why, size_t size)
{
	const struct tally all = engine_tally(engine, -1);
	uint64_t tardy = 0, tardiest = 0, unsent = 0, idle = 0, time = 0;

	for (unsigned int i = 0; i < engine->thread_count; i++) {
		const struct thread *thread = &engine->threads[i];

		tardy += thread->tardy;
		tardiest = thread->tardiest > tardiest ? thread->tardiest : tardiest;
		unsent += thread->unsent;
		idle += thread->idle;
		time += thread->sent_all - engine->begun;
	}
	*why = '\0';
	if (tardy >= TARDY_LEAST && (double)tardy > TARDY_SHARE * (double)all.sent)
		reason_add(why, size,
			"%" PRIu64 " datagrams left more than 1 ms late, the latest by %.3f ms",
			tardy, (double)tardiest / 1e6);
	if (unsent > 0)
		reason_add(why, size, "%" PRIu64 " datagrams were due, but never sent", unsent);
	if (all.no_room > 0)
		reason_add(why, size, "its send queue had no room %" PRIu64 " times (ENOBUFS)",
			all.no_room);
	/* Not with a rate: there, threads poll the clock when they have nothing to send. */
	if (engine->options->task == TASK_WINDOW && (double)idle < IDLE_SHARE * (double)time)
		reason_add(why, size, "its threads were busy for %.0f %% of the time",
			100 - 100 * (double)idle / (double)time);
	if (all.overrun > 0)
		reason_add(why, size, "%" PRIu64 " replies came faster than it read them",
			all.overrun);
	return *why != '\0';
}
