/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pdump.h>

#include <udpecho/control/device.h>

#include "device/eal.h"
#include "device/eal_arguments.h"
#include "device/eal_files.h"
#include "device/hush.h"

/* NOLINTBEGIN(bugprone-signal-handler,cert-sig30-c): rte_panic() raises SIGABRT, in no call of ours
 */
/*
 * Handles rte_panic() while EAL starts: its message went to the buffer of hush.h. The main thread
 * runs this before there are others.
 */
static void tell_panic(int number)
{
	const char *why;

	(void)number;
	why = hush_why("it gives no reason");
	hush_end();
	fprintf(stderr, "udpechod: DPDK gives up: %s\n", why);
	eal_files_remove_failed();
	_exit(EXIT_FAILURE);
}
/* NOLINTEND(bugprone-signal-handler,cert-sig30-c) */

static bool has_pci(const struct config *config)
{
	bool pci = false;

	for (unsigned int i = 0; i < config->device_count; i++)
		pci |= config->devices[i].kind->pci;
	return pci;
}

/* EAL does not say which of its arguments is wrong, so the error names all. */
static void name_arguments(const struct config *config, struct error *error)
{
	char text[256] = "";

	for (unsigned int i = 0; i < config->eal_argument_count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s",
			config->eal_arguments[i]);
	error_prefix(error, "EAL arguments%s", text);
}

/* Says why EAL does not start. If the operator's arguments are the reason, a restart won't help. */
static int complain(const struct config *config, struct error *error)
{
	const int why = rte_errno != 0 ? rte_errno : EIO;

	error_set(error, why, "DPDK does not start: %s%s", hush_why(rte_strerror(why)),
		has_pci(config) ? ": `udpechod --doctor` with the same options says what is missing"
				: "");
	error->is_usage = config->eal_argument_count > 0 && (why == EINVAL || why == ENODEV);
	if (error->is_usage)
		name_arguments(config, error);
	return -why;
}

int eal_start(const struct config *config, const cpu_set_t *cores, struct error *error)
{
	char **permuted;
	int count, result;

	result = eal_files_prepare(eal_prefix(config), error);
	if (result < 0)
		return result;
	count = eal_arguments_make(config, cores, NULL, &permuted, error);
	if (count < 0)
		return count;
	signal(SIGABRT, tell_panic);
	result = rte_eal_init(count, permuted);
	signal(SIGABRT, SIG_DFL);
	if (result >= 0 && result + 1 < count) {
		error_set_usage(error, "EAL argument %s: not an option", permuted[result + 1]);
		free(permuted);
		eal_stop();
		return -EINVAL;
	}
	free(permuted);
	if (result < 0) {
		result = complain(config, error);
		eal_files_remove_failed();
		eal_arguments_free();
		return result;
	}
	rte_pdump_init(); /* for dpdk-dumpcap; it fails if there can be no secondary process */
	return 0;
}

/*
 * EAL reads its arguments in their order before it does anything, and exits at --help, the last
 * one. So one of them is wrong if it returns. It can't be called again, so this runs in a process
 * of its own.
 */
static void read_arguments(const struct config *config, int count, char *arguments[], int answer)
{
	struct error error;

	unsetenv("POSIXLY_CORRECT"); /* or getopt may end before --help */
	hush_begin(true);
	rte_eal_init(count, arguments);
	complain(config, &error);
	if (write(answer, error.text, strlen(error.text)) < 0)
		_exit(EXIT_FAILURE);
	_exit(EXIT_FAILURE);
}

static int ask_child(const struct config *config, int count, char *arguments[], struct error *error)
{
	char text[sizeof(error->text)] = "DPDK does not take the EAL arguments";
	int ends[2], status = 0;
	ssize_t length;
	pid_t child;

	if (pipe(ends) < 0)
		return error_set(
			error, errno, "cannot check the EAL arguments: %s", strerror(errno));
	fflush(NULL);
	child = fork();
	if (child == 0) {
		close(ends[0]);
		read_arguments(config, count, arguments, ends[1]);
	}
	close(ends[1]);
	length = child > 0 ? read(ends[0], text, sizeof(text) - 1) : -1;
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return error_set(
			error, errno, "cannot check the EAL arguments: %s", strerror(errno));
	if (status == 0)
		return 0;
	if (length > 0)
		text[length] = '\0';
	return error_set_usage(error, "%s", text);
}

int eal_check(const struct config *config, const cpu_set_t *cores, struct error *error)
{
	char **permuted;
	int count, result;

	if (config->eal_argument_count == 0)
		return 0;
	count = eal_arguments_make(config, cores, "--help", &permuted, error);
	if (count < 0)
		return count;
	result = ask_child(config, count, permuted, error);
	free(permuted);
	eal_arguments_free();
	return result;
}

void eal_stop(void)
{
	eal_files_find();
	rte_pdump_uninit();
	rte_eal_cleanup();
	eal_arguments_free();
	eal_files_remove();
}
