/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <udpecho/control/appliance.h>
#include <udpecho/control/device.h>
#include <udpecho/doctor.h>

#include "options.h"

enum { EXIT_USAGE = 2 };

/* Prints the error on one line, even if a name in it has a line feed. */
static int refuse(int status, struct error *error)
{
	for (char *c = error->text; *c != '\0'; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	fprintf(stderr, "udpechod: %s\n", error->text);
	return status;
}

static int status_of(const struct error *error)
{
	return error->is_usage ? EXIT_USAGE : EXIT_FAILURE;
}

/* Fails if the output could not be written: to a full disk, or to a closed pipe. */
static int finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_SUCCESS;
	perror("udpechod: cannot write to standard output");
	return EXIT_FAILURE;
}

/*
 * Opens /dev/null for each standard stream that is closed. Otherwise the next file that we open
 * would get its number, and our messages would go into that file. It is opened the wrong way round,
 * so that its use is an error.
 */
static void fill_standard_streams(void)
{
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
		if (fcntl(stream, F_GETFD) < 0)
			open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Reads the options and the files that they name again, and puts them into effect. */
static void reload(struct appliance *appliance, int count, char *arguments[])
{
	static struct config config; /* too large for the stack */
	const struct pulse pulse = appliance_begin_reload(appliance);
	struct error error;

	config_init(&config);
	config.pulse = &pulse;
	if (options_read(count, arguments, &config, &error) == ACTION_RUN)
		appliance_reload(appliance, &config, &error);
	else
		appliance_refuse_reload(appliance, error.text);
	config_free(&config);
}

static int run(struct config *config, int count, char *arguments[])
{
	const struct device *lost;
	enum appliance_event event;
	static struct appliance *appliance; /* may be in use to the end of the process */
	struct error error;
	int status;

	devices_find(config);
	status = appliance_start(&appliance, config, &error);
	if (status < 0)
		return refuse(status == -ECANCELED ? EXIT_SUCCESS : status_of(&error), &error);
	while ((event = appliance_wait(appliance)) == APPLIANCE_RELOAD)
		reload(appliance, count, arguments);
	if (event == APPLIANCE_LOST) {
		error_set(&error, ENODEV, "no device is left");
		status = refuse(EXIT_FAILURE, &error);
	} else if ((lost = appliance_lost_device(appliance)) != NULL) {
		error_set(&error, ENODEV, "device %s was lost, and the other devices went on",
			lost->config->text);
		status = refuse(EXIT_FAILURE, &error);
	}
	if (appliance_stop(appliance, &error) < 0)
		status = refuse(EXIT_FAILURE, &error);
	if (appliance_report(appliance, stdout, &error) < 0)
		status = refuse(EXIT_FAILURE, &error);
	appliance_release(appliance);
	return status;
}

static int check(const struct config *config)
{
	struct error error;

	if (appliance_check(config, &error) < 0)
		return refuse(status_of(&error), &error);
	config_print(config, stdout);
	return finish_output();
}

static int examine(struct config *config)
{
	struct error error;
	bool prevented;
	int status;

	devices_find(config);
	if (doctor_report(config, stdout, &prevented, &error) < 0)
		return refuse(EXIT_FAILURE, &error);
	status = finish_output();
	return prevented ? EXIT_FAILURE : status;
}

int main(int count, char *arguments[])
{
	static struct config config;
	struct error error;
	int status;

	fill_standard_streams();
	signal(SIGXFSZ,
		SIG_IGN); /* writing to a file that may not grow is then an error, which we print */
	config_init(&config);
	switch (options_read(count, arguments, &config, &error)) {
	case ACTION_RUN:
		status = run(&config, count, arguments);
		break;
	case ACTION_CHECK:
		status = check(&config);
		break;
	case ACTION_DOCTOR:
		status = examine(&config);
		break;
	case ACTION_HELP:
		options_help(stdout);
		status = finish_output();
		break;
	case ACTION_VERSION:
		printf("udpechod %s\n", UDPECHO_VERSION);
		status = finish_output();
		break;
	default:
		status = refuse(EXIT_USAGE, &error);
	}
	config_free(&config);
	return status;
}
