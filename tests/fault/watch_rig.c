/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>
#include <rte_cycles.h>

#include "../unit/settings.h"
#include "runtime/workers.h"
#include "watch/look.h"
#include "watch_rig.h"

struct appliance *appliance;
struct config config;
struct runtime *runtime;
struct watch *watch;
struct device *device;
struct device_watch *seen;
struct watch_said watch_said;

static char capture[] = "/tmp/udpechod-watch-XXXXXX";

/* ARP request for 198.18.0.2: the shortest frame that is answered. */
static const uint8_t request[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0,
	1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 198, 18, 0, 1, 0, 0, 0, 0, 0, 0, 198, 18, 0, 2};

static void write_capture(void)
{
	const struct pcap_pkthdr header = {.caplen = sizeof(request), .len = sizeof(request)};
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *dumper = pcap_dump_fopen(pcap, fdopen(mkstemp(capture), "w"));

	assert_non_null(dumper);
	for (unsigned int i = 0; i < 64; i++)
		pcap_dump((u_char *)dumper, &header, request);
	pcap_dump_close(dumper);
	pcap_close(pcap);
}

void *__real_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);

/* No NUMA node that is asked for has memory. */
void *__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	return socket >= 0 ? NULL : __real_rte_zmalloc_socket(type, size, align, socket);
}

int watch_start(void **state)
{
	struct error error = {.text = ""};
	char text[128];

	(void)state;
	write_capture();
	config_init(&config);
	snprintf(text, sizeof(text), "vdev:net_pcap0,rx_pcap=%s,infinite_rx=1", capture);
	assert_int_equal(setting_apply(&config, "device", text, &error), 0);
	assert_int_equal(setting_apply(&config, "address", "198.18.0.2/24", &error), 0);
	assert_int_equal(setting_apply(&config, "log-level", "error", &error), 0);
	config.no_probe = true;
	/* And one that is replayed, which has a clock of its own. */
	snprintf(text, sizeof(text), "pcap:%s", capture);
	assert_int_equal(setting_apply(&config, "device", text, &error), 0);
	assert_int_equal(setting_apply(&config, "address", "198.18.0.2/24", &error), 0);
	assert_int_equal(setting_apply(&config, "mac", "02:00:00:00:00:02", &error), 0);
	if (appliance_start(&appliance, &config, &error) < 0)
		fail_msg("%s", error.text);
	runtime = &appliance->runtime;
	watch = &appliance->watch;
	device = &runtime->devices[0];
	seen = &watch->devices[0];
	return 0;
}

int watch_stop(void **state)
{
	struct error error = {.text = ""};
	struct counters counters;
	uint64_t verdicts = 0;

	(void)state;
	if (appliance_stop(appliance, &error) < 0)
		fail_msg("%s", error.text);
	counters = runtime_count(runtime, 0);
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		verdicts += counters.verdicts[i];
	assert_true(counters.rx_packets > 0);
	assert_int_equal(counters.rx_packets, verdicts);
	assert_int_equal(counters.tx_packets + counters.tx_full,
		counters.verdicts[VERDICT_ARP_REPLY] + counters.announcements);
	appliance_release(appliance);
	config_free(&config);
	unlink(capture);
	return 0;
}

void watch_work(void)
{
	const uint64_t rounds = __atomic_load_n(&runtime->workers[0]->rounds, __ATOMIC_RELAXED);

	for (unsigned int i = 0; i < 5000; i++) {
		if (__atomic_load_n(&runtime->workers[0]->rounds, __ATOMIC_RELAXED) > rounds + 99)
			return;
		rte_delay_us_sleep(1000);
	}
	fail_msg("the worker does not work");
}

void watch_look(double now)
{
	watch_work();
	watch_all(watch, now);
}

void __real_log_say(unsigned int level, const char *format, ...);
void __wrap_log_say(unsigned int level, const char *format, ...);

/* "MTU is 1400; " of "device DEVICE: the interface's MTU is 1400 now, it was 1500". */
static void note_change(const char *text)
{
	static const char *const words[] = {"is called ", "MTU is ", "MAC is ", "receives on "};
	const char *what = strstr(text, ": the interface"), *end = strstr(text, " now");

	for (size_t i = 0; what != NULL && end != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(what, words[i]) != NULL) {
			strncat(watch_said.changes, strstr(what, words[i]),
				(size_t)(end - strstr(what, words[i])));
			strcat(watch_said.changes, "; ");
			return;
		}
}

/* Remembers what the cases ask for, and has it said. */
void __wrap_log_say(unsigned int level, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	watch_said.far += strstr(text, "NUMA node") != NULL;
	if (strstr(text, "another station") != NULL)
		strcpy(watch_said.conflict, strstr(text, "another station"));
	watch_said.missed += strstr(text, "(rx_missed)") != NULL;
	if (strstr(text, ": link ") != NULL)
		strcat(watch_said.link, strrchr(text, ' ') + 1);
	note_change(text);
	__real_log_say(level, "%s", text);
}

uint64_t watch_announcements(double now)
{
	watch_look(now);
	watch_work();
	return runtime_count(runtime, 0).announcements;
}
