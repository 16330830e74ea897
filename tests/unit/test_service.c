/* SPDX-License-Identifier: BSD-3-Clause */
/* What systemd is told of an appliance that is, or is not, as it should be: the rows follow one
 * another. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "monitor/service.h"
#include "suite.h"

struct step {
	const char *about;
	double now;
	uint64_t rounds; /* of the second worker; the first turns */
	bool is_stalled;
	bool link_is_known, link_up, is_lost;
	const char *told; /* each message, and | */
};

static const struct step steps[] = {
	{"a worker has not turned yet", 1, 0, false, true, true, false, ""},
	{"a link is not known yet", 2, 1, false, false, false, false, ""},
	{"all is known", 3, 2, false, true, false, false,
		"WATCHDOG=1|READY=1\nSTATUS=tap:a?b down|"},
	{"too soon for another word", 3.4, 3, false, true, true, false, ""},
	{"soon enough for the watchdog", 3.5, 4, false, true, true, false, "WATCHDOG=1|"},
	{"a worker stands still", 5, 4, true, true, true, false, ""},
	{"it does when the status is due", 8, 4, true, true, true, false,
		"STATUS=tap:a?b up: 0 frames/s in, 0 out; a worker is stalled|"},
	{"it goes on", 9, 5, false, true, true, false, "WATCHDOG=1|"},
	{"the device is lost", 13, 6, false, true, true, true,
		"WATCHDOG=1|STATUS=tap:a?b lost: 0 frames/s in, 0 out|"},
};

static struct runtime runtime; /* too large for the stack, as the next */
static struct watch watch;
static struct config config;
static struct worker workers[2];
static int listener;

static void read_all(char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while ((got = recv(listener, text + length, size - length - 2, MSG_DONTWAIT)) > 0) {
		length += (size_t)got;
		text[length++] = '|';
	}
	text[length] = '\0';
}

static void test_step(void **state)
{
	const struct step *step = *state;
	const struct view view = {&runtime, &watch, NULL};
	char text[1024];

	watch.workers[0].rounds = 1;
	watch.workers[1].rounds = step->rounds;
	watch.workers[1].is_stalled = step->is_stalled;
	watch.devices[0].link_is_known = step->link_is_known;
	watch.devices[0].link_up = step->link_up;
	runtime.devices[0].is_lost = step->is_lost;
	service_tell(&view, step->now);
	read_all(text, sizeof(text));
	assert_string_equal(text, step->told);
}

static void listen_in(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/udpechod-service-XXXXXX";

	if (mkdtemp(folder) == NULL)
		exit(EXIT_FAILURE);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", folder);
	listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0)
		exit(EXIT_FAILURE);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	setenv("WATCHDOG_USEC", "1000000", 1);
}

int main(void)
{
	int status;

	config.device_count = 1;
	config.devices[0].text = (char[]){"tap:a\nb"};
	runtime.config = &config;
	runtime.device_count = 1;
	runtime.worker_count = 2;
	runtime.workers[0] = &workers[0];
	runtime.workers[1] = &workers[1];
	listen_in();
	SUITE_ADD(steps, test_step);
	status = suite_run("service");
	unlink(getenv("NOTIFY_SOCKET"));
	*strrchr(getenv("NOTIFY_SOCKET"), '/') = '\0';
	rmdir(getenv("NOTIFY_SOCKET"));
	return status;
}
