/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/bpf.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include "device/interface.h"
#include "device/link.h"
#include "device/netlink.h"
#include "device/xdp.h"

/*
 * Programs of libxdp that ours can replace: the dispatcher, which runs several programs, and the
 * program for AF_XDP sockets, which runs alone if there is no bpffs, and stays after a kill -9.
 */
static const char *const compatible[] = {"xdp_dispatcher", "xsk_def_prog"};

/* From linux/netdev.h of Linux 6.3: the headers that we build with may be older. */
#define NETDEV_FAMILY_NAME    "netdev"
#define NETDEV_CMD_DEV_GET    1
#define NETDEV_A_DEV_IFINDEX  1
#define NETDEV_A_DEV_FEATURES 3
#define NETDEV_XDP_WANTED     3 /* it runs programs, and they can redirect to sockets */

/* Sends COMMAND with one attribute to a family of generic netlink. */
static int ask_generic(char message[NETLINK_MESSAGE_MAX], uint16_t family, uint8_t command,
	uint16_t attribute, const void *value, size_t size, const struct nlmsghdr **answer)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(message);
	struct genlmsghdr *head;

	request->nlmsg_type = family;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->cmd = command;
	head->version = 1;
	mnl_attr_put(request, attribute, size, value);
	return netlink_ask(NETLINK_GENERIC, message, answer);
}

/* Copies an attribute of SIZE bytes to VALUE. Returns false if the answer does not have it. */
static bool take(const struct nlmsghdr *answer, uint16_t type, void *value, size_t size)
{
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, answer, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(attribute) != type ||
			mnl_attr_get_payload_len(attribute) != size)
			continue;
		memcpy(value, mnl_attr_get_payload(attribute), size);
		return true;
	}
	return false;
}

/* Reads the XDP features of the driver, since Linux 6.3. */
static bool find_features(unsigned int index, uint64_t *features)
{
	char message[NETLINK_MESSAGE_MAX];
	const struct nlmsghdr *answer;
	const uint32_t interface = index;
	uint16_t family;

	return ask_generic(message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME,
		       NETDEV_FAMILY_NAME, sizeof(NETDEV_FAMILY_NAME), &answer) == 0 &&
	       take(answer, CTRL_ATTR_FAMILY_ID, &family, sizeof(family)) &&
	       ask_generic(message, family, NETDEV_CMD_DEV_GET, NETDEV_A_DEV_IFINDEX, &interface,
		       sizeof(interface), &answer) == 0 &&
	       take(answer, NETDEV_A_DEV_FEATURES, features, sizeof(*features));
}

/* Older kernels have no features. Then only the kind of a virtual link tells. */
static enum xdp_native find_native(const struct link *link)
{
	static const char *const capable[] = {"veth", "tun", "bond"};
	uint64_t features;

	if (find_features(link->index, &features))
		return (features & NETDEV_XDP_WANTED) == NETDEV_XDP_WANTED ? XDP_NATIVE_HAS
									   : XDP_NATIVE_NONE;
	if (link->kind[0] == '\0')
		return XDP_NATIVE_UNKNOWN;
	for (size_t i = 0; i < sizeof(capable) / sizeof(capable[0]); i++)
		if (strcmp(link->kind, capable[i]) == 0)
			return XDP_NATIVE_HAS;
	return XDP_NATIVE_NONE;
}

/* Finds the NAME of program NUMBER. Returns false if this process lacks CAP_SYS_ADMIN for that. */
static bool find_name(unsigned int number, char *name, size_t size)
{
	union bpf_attr by_number = {.prog_id = number}, query = {.info.info_len = 0};
	struct bpf_prog_info info = {0};
	const long fd = syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &by_number, sizeof(by_number));
	bool found;

	if (fd < 0)
		return false;
	query.info.bpf_fd = (uint32_t)fd;
	query.info.info_len = sizeof(info);
	query.info.info = (uint64_t)(uintptr_t)&info;
	found = syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &query, sizeof(query)) == 0;
	close((int)fd);
	snprintf(name, size, "%.*s", (int)sizeof(info.name), found ? info.name : "");
	return found;
}

unsigned int xdp_mtu_for(unsigned int room)
{
	return room - XDP_PACKET_HEADROOM - ETH_HLEN;
}

bool xdp_find(const char *name, struct xdp *xdp)
{
	const struct interface_channels channels = interface_channels(name);
	struct link link;

	*xdp = (struct xdp){.native = XDP_NATIVE_UNKNOWN};
	if (link_find(name, &link) < 0)
		return false;
	xdp->native = find_native(&link);
	xdp->uncombined = channels.could_combine ? channels.receive : 0;
	xdp->is_generic = link.xdp_mode == XDP_ATTACHED_SKB;
	if (link.xdp_program == 0)
		return true;
	xdp->program = XDP_PROGRAM_FOREIGN;
	if (!find_name(link.xdp_program, xdp->name, sizeof(xdp->name)))
		xdp->program = XDP_PROGRAM_UNKNOWN;
	for (size_t i = 0; i < sizeof(compatible) / sizeof(compatible[0]); i++)
		if (strcmp(xdp->name, compatible[i]) == 0 && !xdp->is_generic)
			xdp->program = XDP_PROGRAM_NONE;
	return true;
}
