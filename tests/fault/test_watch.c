/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Faults that no network of a test's own can bring about, made in the process itself: an appliance
 * on an endless device, and each fault as the driver would show it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>
#include <rte_cycles.h>
#include <rte_malloc.h>

#include <udpecho/control/appliance.h>

#include "../unit/settings.h"
#include "../unit/suite.h"
#include "changes.h"
#include "claim.h"
#include "device/port.h"
#include "monitor/metrics.h"
#include "monitor/report_json.h"
#include "watch.h"
#include "workers.h"

/* Of ethdev, for drivers: their headers are not installed. */
extern char rte_eth_devices[];
int rte_eth_dev_callback_process(void *device, enum rte_eth_event_type event, void *returned);

static struct appliance appliance; /* too large for the stack */
static struct config config;
static struct device *const device = &appliance.devices[0];
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

static unsigned int far_said; /* by the log */
static char conflict_said[256];

void *__real_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);
void *__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket);

/* As where no NUMA node has hugepages but one that nobody asks for. */
void *__wrap_rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	return socket >= 0 ? NULL : __real_rte_zmalloc_socket(type, size, align, socket);
}

static int start(void **state)
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
	return 0;
}

/* Whatever happened: no frame and no packet buffer is lost count of. */
static int stop(void **state)
{
	struct error error = {.text = ""};
	struct counters counters;
	uint64_t verdicts = 0;

	(void)state;
	if (appliance_stop(&appliance, &error) < 0)
		fail_msg("%s", error.text);
	counters = appliance_count(&appliance, 0);
	for (unsigned int i = 0; i < VERDICT_COUNT; i++)
		verdicts += counters.verdicts[i];
	assert_true(counters.rx_packets > 0);
	assert_int_equal(counters.rx_packets, verdicts);
	assert_int_equal(counters.tx_packets + counters.tx_full,
		counters.verdicts[VERDICT_ARP_REPLY] + counters.announcements);
	appliance_release(&appliance);
	config_free(&config);
	unlink(capture);
	return 0;
}

/* Until the worker has done so many more rounds. */
static void let_it_work(void)
{
	const uint64_t rounds = __atomic_load_n(&appliance.workers[0]->rounds, __ATOMIC_RELAXED);

	for (unsigned int i = 0; i < 5000; i++) {
		if (__atomic_load_n(&appliance.workers[0]->rounds, __ATOMIC_RELAXED) > rounds + 99)
			return;
		rte_delay_us_sleep(1000);
	}
	fail_msg("the worker does not work");
}

static void look(double now)
{
	let_it_work();
	watch_all(&appliance, now);
}

static uint16_t take_nothing(
	uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count, void *argument)
{
	(void)port;
	(void)queue;
	(void)frames;
	(void)count;
	(void)argument;
	return 0;
}

/* It has started: see __wrap_rte_zmalloc_socket(). */
static void test_far(void **state)
{
	(void)state;
	assert_int_equal(far_said, appliance.worker_count);
}

/* Drops are sampled so many times a second by the clock that the frames bring: nanoseconds. */
static void test_clocks(void **state)
{
	const uint64_t clocks[] = {rte_get_tsc_hz(), 1000000000};

	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(clocks); i++) {
		const struct worker_queue *queue = workers_queue(&appliance, i);

		assert_int_equal(queue->drop_interval, clocks[queue->device] / 100);
	}
}

static void test_stuck(void **state)
{
	const struct rte_eth_rxtx_callback *callback;

	(void)state;
	look(1);
	look(10);
	assert_int_equal(device->faults.tx_stalls, 0);
	look(19);
	callback = rte_eth_add_tx_callback(device->ports[0], 0, take_nothing, NULL);
	assert_non_null(callback);
	look(19.5); /* some may have gone before */
	look(19.9);
	assert_int_equal(device->faults.tx_stalls, 0);
	look(20.6);
	assert_int_equal(device->faults.tx_stalls, 1);
	look(25);
	assert_int_equal(device->faults.tx_stalls, 1);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, callback), 0);
	look(30);
	look(40);
	assert_int_equal(device->faults.tx_stalls, 1);
	assert_false(device->watch.tx_is_stuck);
}

static uint16_t give_nothing(uint16_t port, uint16_t queue, struct rte_mbuf *frames[],
	uint16_t count, uint16_t most, void *argument)
{
	(void)port;
	(void)queue;
	(void)most;
	(void)argument;
	rte_pktmbuf_free_bulk(frames, count);
	return 0;
}

/* Some are lost, and then nobody asks any more: who says that the next one would be? */
static void test_lost_and_quiet(void **state)
{
	const struct rte_eth_rxtx_callback *lose, *quiet;
	const uint64_t stalls = device->faults.tx_stalls;

	(void)state;
	lose = rte_eth_add_tx_callback(device->ports[0], 0, take_nothing, NULL);
	look(180);
	look(180.1);
	quiet = rte_eth_add_rx_callback(device->ports[0], 0, give_nothing, NULL);
	look(180.2);
	look(182);
	assert_true(device->watch.tx_lost > device->watch.tx_full);
	look(189);
	assert_int_equal(device->faults.tx_stalls, stalls);
	look(191);
	assert_true(device->watch.tx_lost == device->watch.tx_full);
	assert_int_equal(rte_eth_remove_rx_callback(device->ports[0], 0, quiet), 0);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, lose), 0);
	look(192);
}

static struct rte_mbuf *kept[65536];
static unsigned int kept_count;

/* A driver that does not give back what it has transmitted. */
static uint16_t keep_all(
	uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count, void *argument)
{
	(void)port;
	(void)queue;
	(void)argument;
	for (uint16_t i = 0; i < count && kept_count < RTE_DIM(kept); i++) {
		rte_mbuf_refcnt_update(frames[i], 1);
		kept[kept_count++] = frames[i];
	}
	return count;
}

static void test_exhausted(void **state)
{
	const struct rte_eth_rxtx_callback *callback;

	(void)state;
	look(50);
	assert_int_equal(device->faults.pool_exhausted, 0);
	callback = rte_eth_add_tx_callback(device->ports[0], 0, keep_all, NULL);
	assert_non_null(callback);
	for (unsigned int i = 0; i < 1000 && device->faults.pool_exhausted == 0; i++)
		look(51);
	look(52);
	assert_int_equal(device->faults.pool_exhausted, 1);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, callback), 0);
	let_it_work();
	rte_pktmbuf_free_bulk(kept, kept_count);
	let_it_work();
	look(53);
	assert_false(device->watch.is_exhausted);
}

static unsigned int missed_said; /* by the log */

/* What the driver says of frames that it lost; see __wrap_rte_eth_stats_get(). */
static struct rte_eth_stats lost;

int __real_rte_eth_stats_get(uint16_t port, struct rte_eth_stats *stats);
int __wrap_rte_eth_stats_get(uint16_t port, struct rte_eth_stats *stats);

/* Linked in place of ethdev's, as no software device loses any. */
int __wrap_rte_eth_stats_get(uint16_t port, struct rte_eth_stats *stats)
{
	const int result = __real_rte_eth_stats_get(port, stats);

	stats->imissed += lost.imissed;
	stats->ierrors += lost.ierrors;
	stats->rx_nombuf += lost.rx_nombuf;
	return result;
}

static json_int_t reported(const char *name)
{
	json_t *report = report_json(&appliance);
	const json_int_t value = json_integer_value(
		json_object_get(json_array_get(json_object_get(report, "devices"), 0), name));

	json_decref(report);
	return value;
}

static void test_errors(void **state)
{
	const uint64_t exhausted = device->faults.pool_exhausted;

	(void)state;
	look(55);
	assert_int_equal(reported("rx_missed") + reported("rx_errors"), 0);
	lost = (struct rte_eth_stats){.imissed = 7, .ierrors = 3, .rx_nombuf = 5};
	look(56);
	assert_int_equal(reported("rx_missed"), 7);
	assert_int_equal(missed_said, 1);
	assert_int_equal(reported("rx_errors"), 3);
	assert_int_equal(reported("rx_nombuf"), 5);
	assert_int_equal(device->faults.pool_exhausted, exhausted + 1);
	look(57); /* no more of them: it is over, and told once */
	assert_int_equal(missed_said, 1);
	assert_false(device->watch.is_exhausted);
	assert_int_equal(device->faults.pool_exhausted, exhausted + 1);
	printf("# the driver loses 7, 3 and 5 frames | rx_missed 7, rx_errors 3, rx_nombuf 5 in "
	       "the "
	       "report; told once | law holds | pool full\n");
}

/* The wall clock, and when frames were dropped by it. */
static int64_t step; /* seconds */

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	const int result = __real_clock_gettime(clock, time);

	if (clock == CLOCK_REALTIME)
		time->tv_sec += step;
	return result;
}

static void test_wall_clock(void **state)
{
	static const int64_t steps[] = {0, -10 * 365 * 86400, 10 * 365 * 86400};
	const uint64_t ticks = rte_rdtsc();
	const struct clock_point now = clock_point_now(CLOCK_REALTIME);

	(void)state;
	for (size_t i = 0; i < RTE_DIM(steps); i++) {
		struct clock_point point;
		double off;

		step = steps[i];
		point = clock_point_now(CLOCK_REALTIME);
		/* The same moment, by the clock as it is now. */
		off = (double)(int64_t)(clock_ns_at(&point, ticks, (double)rte_get_tsc_hz()) -
					now.ns) /
			      1e9 -
		      (double)step;
		assert_true(off > -60 && off < 60);
		look(58 + (double)i);
		assert_true(appliance_uptime(&appliance) < 3600);
		assert_false(appliance.worker_watches[0].is_stalled);
	}
	step = 0;
	printf("# the wall clock goes ten years back and forth | times of drops go with it, "
	       "nothing "
	       "else | law holds | pool full\n");
}

/* What the log said of the link. */
static char link_said[256];

void __real_log_say(unsigned int level, const char *format, ...);
void __wrap_log_say(unsigned int level, const char *format, ...);

void __wrap_log_say(unsigned int level, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	far_said += strstr(text, "NUMA node") != NULL;
	if (strstr(text, "another station") != NULL)
		strcpy(conflict_said, strstr(text, "another station"));
	missed_said += strstr(text, "(rx_missed)") != NULL;
	if (strstr(text, ": link ") != NULL)
		strcat(link_said, strrchr(text, ' ') + 1);
	__real_log_say(level, "%s", text);
}

static bool is_link_up = true;

static bool tell_link_is_up(const struct device *asked)
{
	(void)asked;
	return is_link_up;
}

/* A link that goes up and down at each look: counted each time, told once of each, and at last. */
static void test_flaps(void **state)
{
	const struct device_kind *kind = config.devices[0].kind;
	struct device_kind flapping = *kind;
	const uint64_t changes = device->faults.link_changes;

	(void)state;
	flapping.link_is_up = tell_link_is_up;
	config.devices[0].kind = &flapping;
	look(100);
	assert_string_equal(link_said, "");
	for (unsigned int i = 1; i <= 9; i++) {
		is_link_up = i % 2 == 0;
		look(100 + i);
	}
	assert_string_equal(link_said, "downup");
	assert_false(device_is_up(device));
	look(110);
	assert_string_equal(link_said, "downup");
	look(112); /* ten seconds after it was told last: it still is */
	assert_string_equal(link_said, "downupdown");
	is_link_up = true;
	look(113);
	assert_string_equal(link_said, "downupdownup");
	assert_int_equal(device->faults.link_changes, changes + 10);
	config.devices[0].kind = kind;
	printf("# the link flaps ten times | ten link_changes, four lines of log | law holds | "
	       "pool full\n");
}

static bool is_held;

static uint16_t hold(
	uint16_t port, uint16_t queue, struct rte_mbuf *frames[], uint16_t count, void *argument)
{
	(void)port;
	(void)queue;
	(void)frames;
	(void)argument;
	while (__atomic_load_n(&is_held, __ATOMIC_RELAXED))
		rte_delay_us_sleep(1000);
	return count;
}

static unsigned int count_allocations(void)
{
	struct rte_malloc_socket_stats stats;

	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	return stats.alloc_count;
}

static void reload(const char *limit)
{
	struct error error = {.text = ""};

	assert_int_equal(setting_apply(&config, "rate-limit", limit, &error), 0);
	assert_int_equal(appliance_reload(&appliance, &config, &error), 0);
}

/* What a worker that stands still may yet go by is kept, and freed once it does not. */
static void test_reload_while_held(void **state)
{
	const struct rte_eth_rxtx_callback *callback;
	unsigned int allocations, kept_meanwhile;

	(void)state;
	reload("1000000000");
	let_it_work();
	callback = rte_eth_add_tx_callback(device->ports[0], 0, hold, NULL);
	assert_non_null(callback);
	allocations = count_allocations();
	__atomic_store_n(&is_held, true, __ATOMIC_RELAXED);
	rte_delay_us_sleep(10000);
	reload("900000000");
	reload("900000000"); /* shares the buckets of the one before */
	reload("800000000");
	kept_meanwhile = count_allocations() - allocations;
	__atomic_store_n(&is_held, false, __ATOMIC_RELAXED);
	assert_int_equal(rte_eth_remove_tx_callback(device->ports[0], 0, callback), 0);
	assert_true(kept_meanwhile >= 3 + 2); /* sets, and buckets */
	let_it_work();
	reload("700000000");
	assert_int_equal(count_allocations(), allocations);
	printf("# a worker stands still for three reloads | all is kept, and freed with the next | "
	       "law holds | pool full\n");
}

/* What went out by the time that NOW was over. */
static uint64_t announced_by(double now)
{
	look(now);
	let_it_work();
	return appliance_count(&appliance, 0).announcements;
}

/* As its worker would note it, of the device's only address. */
static void meet_station(void)
{
	__atomic_store_n(&appliance.workers[0]->queues[0].arp_notes.stations[0],
		UINT64_C(0x1000000000002), __ATOMIC_RELAXED);
}

/* RFC 5227 2.1.1: three probes, one second or two apart, and two seconds later the announcement. */
static void test_probe(void **state)
{
	const uint64_t before = announced_by(119);

	(void)state;
	config.no_probe = false;
	claim_begin(&appliance, 0, 120);
	assert_int_equal(announced_by(121.1), before + 1);
	assert_int_equal(announced_by(122), before + 1);
	assert_int_equal(announced_by(123.2), before + 2);
	claim_renew(&appliance, 0); /* another MAC: its turn will come */
	assert_int_equal(announced_by(125.3), before + 3);
	assert_int_equal(announced_by(127.2), before + 3);
	assert_true(device->claim.is_probing);
	assert_int_equal(announced_by(127.4), before + 4);
	assert_false(device->claim.is_probing);
	assert_int_equal(announced_by(140), before + 4);
	claim_renew(&appliance, 0);
	assert_int_equal(announced_by(140.1), before + 5);
	printf("# the link comes up | three probes, an announcement | law holds | pool full\n");
}

/* RFC 5227 2.4: one that comes later. */
static void test_defence(void **state)
{
	const uint64_t before = announced_by(141);

	(void)state;
	meet_station();
	assert_int_equal(announced_by(141.1), before + 1);
	assert_string_equal(conflict_said, "another station (02:00:00:00:00:00) uses our address "
					   "198.18.0.2 (arp_conflicts): announcing it again");
	meet_station();
	assert_int_equal(announced_by(142), before + 1);
	assert_int_equal(announced_by(151), before + 1);
	assert_int_equal(announced_by(151.2), before + 2);
	assert_int_equal(announced_by(162), before + 2);
	assert_int_equal(device->claim.refused, 0);
	printf("# another station uses our address | announced once in ten seconds | law holds | "
	       "pool full\n");
}

static bool has_no_memory;

void *__real_rte_malloc(const char *type, size_t size, unsigned int align);
void *__wrap_rte_malloc(const char *type, size_t size, unsigned int align);

void *__wrap_rte_malloc(const char *type, size_t size, unsigned int align)
{
	return has_no_memory ? NULL : __real_rte_malloc(type, size, align);
}

/* The interface has another MAC, which can't be followed at once. */
static void test_no_memory(void **state)
{
	const struct worker_queue *queue = workers_queue(&appliance, 0);
	const struct mac_address before = device->mac, other = {{2, 0, 0, 0, 0, 9}};

	(void)state;
	device->mac = other;
	device->watch.has_old_policy = true;
	has_no_memory = true;
	changes_follow(&appliance, 163);
	assert_true(mac_equal(&queue->policy->identity.mac, &before));
	has_no_memory = false;
	changes_follow(&appliance, 163.1);
	assert_true(mac_equal(&queue->policy->identity.mac, &other));
	assert_false(device->watch.has_old_policy);
	device->mac = before;
	device->watch.has_old_policy = true;
	changes_follow(&appliance, 163.2);
	printf("# another MAC, and no memory to follow it | followed once there is | law holds | "
	       "pool full\n");
}

static bool is_healthy(const char *why)
{
	char text[256] = "";
	FILE *stream = fmemopen(text, sizeof(text), "w");
	const bool is_well = metrics_check_health(&appliance, stream);

	fclose(stream);
	if (!is_well && strstr(text, why) == NULL)
		fail_msg("%s", text);
	return is_well;
}

/* It is another's: not used, until a reload. */
static void test_duplicate(void **state)
{
	const struct policy *policy;
	struct error error;
	uint64_t before;

	(void)state;
	claim_begin(&appliance, 0, 170);
	before = announced_by(171.1);
	assert_true(is_healthy(""));
	meet_station();
	assert_int_equal(announced_by(171.2), before);
	assert_string_equal(conflict_said,
		"another station (02:00:00:00:00:00): it is not used here: take it away there "
		"and reload udpechod (SIGHUP), or start udpechod with --no-probe");
	policy = appliance.workers[0]->queues[0].policy;
	assert_int_equal(policy->identity.address_count, 0);
	assert_false(is_healthy("an address of it belongs to another station"));
	assert_int_equal(announced_by(180), before);
	assert_int_equal(announced_by(190), before);
	assert_int_equal(appliance_reload(&appliance, &config, &error), 0);
	assert_true(is_healthy(""));
	assert_true(device->claim.is_probing);
	policy = appliance.workers[0]->queues[0].policy;
	assert_int_equal(policy->identity.address_count, 1);
	config.no_probe = true;
	claim_begin(&appliance, 0, 195);
	assert_true(announced_by(195) > before);
	printf("# a probe finds another station | its address is not used until a reload | law "
	       "holds | pool full\n");
}

/* A driver that can say that its NIC went, or can't; and what it was asked for. */
static uint32_t more_flags;
static struct rte_eth_conf asked;

int __real_rte_eth_dev_info_get(uint16_t port, struct rte_eth_dev_info *info);
int __wrap_rte_eth_dev_info_get(uint16_t port, struct rte_eth_dev_info *info);
int __real_rte_eth_dev_configure(
	uint16_t port, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf);
int __wrap_rte_eth_dev_configure(
	uint16_t port, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf);

int __wrap_rte_eth_dev_info_get(uint16_t port, struct rte_eth_dev_info *info)
{
	static uint32_t flags;
	const int result = __real_rte_eth_dev_info_get(port, info);

	if (result == 0) {
		flags = *info->dev_flags | more_flags;
		info->dev_flags = &flags;
	}
	return result;
}

int __wrap_rte_eth_dev_configure(
	uint16_t port, uint16_t rx, uint16_t tx, const struct rte_eth_conf *conf)
{
	asked = *conf;
	/* ethdev refuses it of a driver that can't. */
	return __real_rte_eth_dev_configure(port, rx, tx, conf);
}

static void test_removal(void **state)
{
	struct error error;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		more_flags = i == 0 ? 0 : RTE_ETH_DEV_INTR_RMV;
		memset(&asked, 0xff, sizeof(asked));
		/* It runs, and so stays as it is. */
		assert_int_equal(port_configure(device, device->ports[0], &error), -EBUSY);
		assert_int_equal(asked.intr_conf.rmv, i);
	}
	more_flags = 0;
	look(150);
	assert_false(device->is_lost);
	assert_int_equal(device->ports[0], 0);
	rte_eth_dev_callback_process(rte_eth_devices, RTE_ETH_EVENT_INTR_RMV, NULL);
	look(151);
	assert_true(device->is_lost);
	assert_ptr_equal(appliance_lost_device(&appliance), device);
	device->was_removed = false;
	device->is_lost = false;
	printf("# the NIC is pulled out | the device is lost | law holds | pool full\n");
}

static void test_reset(void **state)
{
	(void)state;
	look(200);
	assert_false(device->is_lost);
	/* Port 0, the first of that array: its element's size is not for us to know. */
	assert_int_equal(device->ports[0], 0);
	rte_eth_dev_callback_process(rte_eth_devices, RTE_ETH_EVENT_INTR_RESET, NULL);
	look(201);
	assert_true(device->is_lost);
	assert_int_equal(appliance_wait(&appliance), APPLIANCE_LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_exhausted),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_wall_clock),
		cmocka_unit_test(test_flaps),
		cmocka_unit_test(test_reload_while_held),
		cmocka_unit_test(test_lost_and_quiet),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_defence),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_removal),
		cmocka_unit_test(test_reset),
	};

	return cmocka_run_group_tests_name("watch", tests, start, stop);
}
