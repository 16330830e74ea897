/* SPDX-License-Identifier: BSD-3-Clause */
/* The kinds of device, one row each. A new kind is a row, and perhaps a check. */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_pci.h>

#include <udpecho/control/device.h>
#include <udpecho/control/log.h>

#include "device/condition.h"
#include "device/host.h"
#include "device/interface.h"
#include "device/node.h"
#include "device/obstacle.h"
#include "device/replay.h"
#include "privilege.h"

/* Less than a page with all headers, which net_af_xdp requires. */
#define XDP_FRAME_ROOM 3328

static int check_pci_form(const struct config_device *config, struct error *error)
{
	struct rte_pci_addr address;

	if (rte_pci_addr_parse(config->name, &address) == 0)
		return 0;
	return error_set(
		error, EINVAL, "not a PCI address: write it as 0000:01:00.0; `lspci` lists them");
}

static int check_pci(struct device *device, struct error *error)
{
	const struct condition none = condition_no_pci();
	struct rte_pci_addr address;
	char path[64];
	FILE *file;

	rte_pci_addr_parse(device->config->name, &address);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/" PCI_PRI_FMT "/class", address.domain,
		address.bus, address.devid, address.function);
	file = fopen(path, "re");
	if (file == NULL)
		return condition_error(&none, ENODEV, error);
	fclose(file);
	return 0;
}

/* A port of net_af_xdp has several queues only if their channels are combined. */
static unsigned int count_interface_queues(const struct config_device *config, bool *is_split)
{
	const struct interface_channels channels = interface_channels(config->name);

	*is_split = channels.receive > 1 && !channels.are_combined;
	return channels.receive;
}

static unsigned int count_interface_pairs(const struct device *device)
{
	return interface_channels(device->name).pairs;
}

static bool is_interface_running(const struct device *device, bool before)
{
	return interface_is_running(device->name, before);
}

static bool is_interface_gone(const struct device *device)
{
	return interface_is_gone(device->interface);
}

static void warn(const char *text, struct condition condition)
{
	struct error line;

	condition_error(&condition, 0, &line);
	log_say(RTE_LOG_WARNING, "device %s: %s", text, line.text);
}

static void warn_of_forwarding(const struct device *device, enum ip_family family)
{
	const enum host_forwarding forwarding = host_forwarding(device->name, family);

	if (forwarding != HOST_FORWARDS_NOTHING && config_device_has(device->config, family))
		warn(device->config->text, condition_forwards(device->name, family, forwarding));
}

/* The kernel gets the same frames, so it must not have our addresses. */
static int check_address(const char *interface, struct ip_address address, struct error *error)
{
	struct host_address found;
	struct condition condition;

	if (!host_find_address(address, interface, &found))
		return 0;
	condition = condition_address(address, &found);
	return condition_error(&condition, EADDRINUSE, error);
}

static int check_shared_interface(struct device *device, struct error *error)
{
	const struct config_device *config = device->config;
	int result = interface_check(device->name, error);

	for (unsigned int i = 0; i < config->address_count && result == 0; i++)
		result = check_address(device->name, config->addresses[i].address, error);
	if (result == 0) {
		warn_of_forwarding(device, IP_FAMILY_IPV4);
		warn_of_forwarding(device, IP_FAMILY_IPV6);
	}
	return result;
}

static int check_tap_form(const struct config_device *config, struct error *error)
{
	if (strlen(config->name) < IFNAMSIZ && strpbrk(config->name, "/:%,= \t") == NULL)
		return 0;
	return error_set(
		error, EINVAL, "not a name for an interface: at most %d letters", IFNAMSIZ - 1);
}

static int check_tap(struct device *device, struct error *error)
{
	const char *name = device->config->name;
	const struct condition exists = condition_exists(name, interface_is_tap(name));

	if (interface_index(name) != 0)
		return condition_error(&exists, EEXIST, error);
	return interface_check_tap(error);
}

/* Warns of records that are not replayed, or that were captured only in part. */
static void tell_of_capture(const char *text, const struct replay *replay)
{
	if (replay->truncated > 0)
		log_say(RTE_LOG_WARNING,
			"device %s: %" PRIu64 " of %" PRIu64
			" records are cut short: capture with a larger snapshot length",
			text, replay->truncated, replay->records);
	if (replay->skips.records_cut_off > 0)
		log_say(RTE_LOG_WARNING,
			"device %s: the file ends in the middle of record %" PRIu64
			", which is skipped",
			text, replay->records + 1);
	if (replay->skips.records_too_long > 0)
		log_say(RTE_LOG_WARNING,
			"device %s: %" PRIu64 " of %" PRIu64
			" records are longer than %d bytes, and are skipped",
			text, replay->skips.records_too_long, replay->records, RECORD_MAX);
	if (replay->skips.records_not_ethernet > 0)
		log_say(RTE_LOG_WARNING,
			"device %s: %" PRIu64 " of %" PRIu64
			" records are not Ethernet, and are skipped",
			text, replay->skips.records_not_ethernet, replay->records);
}

static int read_capture(struct device *device, const struct pulse *pulse, struct error *error)
{
	const int result = replay_open(
		&device->replay, device->config->name, device->config->output, pulse, error);

	if (result == 0) {
		device->skips = device->replay->skips;
		tell_of_capture(device->config->text, device->replay);
	}
	return result;
}

static unsigned int find_interface_mtu(const struct device *device)
{
	return interface_mtu(device->name);
}

/* The link that carried the longest record can carry its reply as well. */
static unsigned int find_capture_mtu(const struct device *device)
{
	return device->replay->longest > RTE_ETHER_MTU + RTE_ETHER_HDR_LEN
		       ? device->replay->longest - RTE_ETHER_HDR_LEN
		       : RTE_ETHER_MTU;
}

/* net_pcap makes up a MAC. */
static int settle_interface_mac(
	const struct device *device, struct mac_address *mac, struct error *error)
{
	return interface_mac(device->name, mac, error);
}

/* The kernel's end of the TAP has the MAC of the port. Ours must differ, and stay the same. */
static int settle_tap_mac(const struct device *device, struct mac_address *mac, struct error *error)
{
	(void)device;
	(void)error;
	mac->bytes[5] ^= 1;
	return 0;
}

/* vfio pins the memory of the NIC and ours. */
static uint64_t lock_pci(unsigned int queues)
{
	(void)queues;
	return UINT64_C(64) << 20;
}

/* Each queue registers the packet buffers of all queues. */
static uint64_t lock_packet_buffers(unsigned int queues)
{
	return (uint64_t)queues * queues * 8192 * XDP_FRAME_ROOM;
}

/* Up to eight queues get 256 frames each, and more share 2048: the kernel allocates them at once.
 */
static unsigned int count_ring_frames(unsigned int queues)
{
	const unsigned int share = 2048 / queues / 32 * 32;

	return RTE_MIN(share, 256U);
}

/* Each queue has a ring for each direction: see the devargs below. */
static uint64_t lock_rings(unsigned int queues)
{
	return (uint64_t)queues * 2 * count_ring_frames(queues) * 65408;
}

static const struct device_kind kinds[] = {
	/* A reload allocates an access list, and vfio pins its memory as well. */
	{.prefix = "pci",
		.argument = "0000:01:00.0",
		.pci = true,
		.most_queues = WORKER_QUEUES_MAX,
		.find_node = node_of_pci,
		.privileges = PRIVILEGE(CAP_IPC_LOCK),
		.locks = lock_pci,
		.check_form = check_pci_form,
		.check = check_pci},
	{.prefix = "af_xdp",
		.argument = "IFACE",
		.driver = "net_af_xdp",
		.frame_room = XDP_FRAME_ROOM,
		.devargs = "iface=%1$s,queue_count=%2$u,start_queue=%3$u",
		.is_interface = true,
		.follows_mac = true,
		.partial = true,
		.idle = IDLE_SLEEP,
		.find_mtu = find_interface_mtu,
		.count_queues = count_interface_queues,
		.count_pairs = count_interface_pairs,
		.find_node = node_of_interface,
		.link_is_up = is_interface_running, /* the driver says that it always is */
		.is_gone = is_interface_gone,
		.keeps_rings = true,
		.needs = PRIVILEGE(CAP_NET_RAW) | PRIVILEGE(CAP_NET_ADMIN) |
			 PRIVILEGE(CAP_SYS_ADMIN),
		.privileges = PRIVILEGE(CAP_NET_ADMIN), /* to detach its program */
		.descriptors = 5,
		.locks = lock_packet_buffers,
		.check = obstacle_check_xdp},
	{.prefix = "af_packet",
		.argument = "IFACE",
		.driver = "net_af_packet",
		/*
		 * The driver joins a fanout group in which the kernel reassembles fragments, so
		 * that frames of any length arrive. framesz is the most that one mbuf can hold.
		 * blocksz must be a multiple of framesz and of a page: 32 frames are 511 pages.
		 */
		.devargs = "iface=%1$s,framesz=65408,blocksz=2093056,framecnt=%3$u,qpairs=%2$u",
		.frame_room = UINT16_MAX - RTE_PKTMBUF_HEADROOM,
		.is_interface = true,
		.follows_mac = true,
		.partial = true,
		.superframes = true,
		.most_queues = WORKER_QUEUES_MAX,
		.idle = IDLE_SLEEP,
		.find_mtu = find_interface_mtu,
		.find_node = node_of_interface,
		.link_is_up = is_interface_running, /* the driver says that it always is */
		.is_gone = is_interface_gone,
		/* The driver sets the MAC address when it starts, though it is the interface's. */
		.needs = PRIVILEGE(CAP_NET_RAW) | PRIVILEGE(CAP_NET_ADMIN),
		.descriptors = 1,
		.ring_frames = count_ring_frames,
		.locks = lock_rings,
		.check = check_shared_interface},
	{.prefix = "pcap",
		.argument = "IN.pcap[,OUT.pcap]",
		.driver = "net_null",
		.devargs = "no-rx=1", /* see replay.h */
		.offline = true,
		.burst_size = 1, /* each frame is judged at the time of its own record */
		.find_mtu = find_capture_mtu,
		.read = read_capture},
	/* One argument for each direction: with iface= it would receive its own replies. */
	{.prefix = "pcap-live",
		.argument = "IFACE",
		.driver = "net_pcap",
		.devargs = "rx_iface_in=%1$s,tx_iface=%1$s",
		.is_interface = true,
		.follows_mac = true,
		.partial = true,
		.superframes = true,
		.idle = IDLE_SLEEP,
		.find_mtu = find_interface_mtu,
		.find_node = node_of_interface,
		.link_is_up = is_interface_running, /* the driver says that it always is */
		.is_gone = is_interface_gone,
		.needs = PRIVILEGE(CAP_NET_RAW),
		.check = check_shared_interface,
		.settle_mac = settle_interface_mac},
	{.prefix = "tap",
		.argument = "NAME",
		.driver = "net_tap",
		.devargs = "iface=%1$s",
		.partial = true,
		.most_queues = 4, /* net_tap overruns its stack with more than 8 descriptors */
		.idle = IDLE_SLEEP,
		.is_gone = is_interface_gone,
		.needs = PRIVILEGE(CAP_NET_ADMIN),
		.descriptors = 2,
		.check_form = check_tap_form,
		.check = check_tap,
		.settle_mac = settle_tap_mac},
	/*
	 * Software devices copy each frame, and a small burst stays in the L1 cache. With
	 * net_pcap's endless replay, bursts of 8 are 45 % faster than bursts of 32 at 60 bytes, and
	 * 25 % at 1500 (`scripts/bench peers`).
	 */
	{.prefix = "vdev",
		.argument = "DRIVER[,ARGUMENT=VALUE...]",
		.most_queues = WORKER_QUEUES_MAX,
		.privileges = PRIVILEGE(CAP_NET_ADMIN), /* it may be any driver */
		.burst_size = 8},
};

const struct device_kind *device_kind_find(const char *prefix, size_t length)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].prefix) == length &&
			memcmp(kinds[i].prefix, prefix, length) == 0)
			return &kinds[i];
	return NULL;
}
