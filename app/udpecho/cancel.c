/* SPDX-License-Identifier: BSD-3-Clause */
#include "cancel.h"

#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(STATUS_INTERRUPTED == 128 + SIGINT, "the shell's convention");
_Static_assert(STATUS_TERMINATED == 128 + SIGTERM, "the shell's convention");

static sigset_t signals;                   /* those that cancel */
static sigset_t mask;                      /* for ppoll */
static _Atomic int arrived;                /* every thread reads it */
static const char *volatile interruptible; /* what a signal interrupts at once; NULL: nothing */

static struct iovec piece(const char *text)
{
	return (struct iovec){.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
}

/* Only async-signal-safe calls here: signal-safety(7). */
static void on_signal(int number)
{
	const char *what = interruptible;

	if (what == NULL) {
		arrived = number;
		return;
	}

	enum status status = (enum status)(128 + number);
	struct iovec line[] = {
		piece("udpecho: "),
		piece(what),
		piece(": "),
		piece(cancel_word(status)),
		piece("\n"),
	};
	ssize_t written = writev(STDERR_FILENO, line, sizeof(line) / sizeof(line[0]));

	(void)written; /* if the line cannot be written, the status still tells */
	_exit((int)status);
}

void cancel_setup(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &mask);
	/* The parent process may have blocked both; they cancel all the same. */
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGTERM);

	action.sa_mask = signals;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	/* So a closed pipe is an error of write(), reported like any other. */
	signal(SIGPIPE, SIG_IGN);
}

void cancel_at_once(const char *what)
{
	interruptible = what;
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

void cancel_in_order(void)
{
	sigprocmask(SIG_BLOCK, &signals, NULL);
	interruptible = NULL;
}

const sigset_t *cancel_mask(void)
{
	return &mask;
}

enum status cancel_status(void)
{
	return arrived == 0 ? STATUS_DONE : (enum status)(128 + arrived);
}

const char *cancel_word(enum status status)
{
	return status == STATUS_INTERRUPTED ? "interrupted" : "terminated";
}
