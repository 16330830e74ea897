/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>

#include "signals.h"

static sigset_t held(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

void signals_hold(void)
{
	const sigset_t set = held();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	/* When nobody reads our log or report any more, a write fails, but does not end us. */
	signal(SIGPIPE, SIG_IGN);
}

int signals_wait(const struct timespec *patience)
{
	const sigset_t set = held();

	return sigtimedwait(&set, NULL, patience);
}

int signals_beat(void *caller, struct error *error)
{
	sigset_t pending;

	(void)caller;
	sigpending(&pending);
	if (sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM))
		return error_set(error, ECANCELED, "told to stop");
	return 0;
}
