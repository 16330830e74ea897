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
	/* Whoever reads our log or our report no longer: that is an error, and no end. */
	signal(SIGPIPE, SIG_IGN);
}

int signals_wait(const struct timespec *patience)
{
	const sigset_t set = held();

	return sigtimedwait(&set, NULL, patience);
}

bool signals_say_stop(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

int signals_beat(void *caller, struct error *error)
{
	(void)caller;
	return signals_say_stop() ? error_set(error, ECANCELED, "told to stop") : 0;
}
