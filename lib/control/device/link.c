/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "device/link.h"
#include "device/netlink.h"

#define ALTNAME_MAX 128 /* linux/if.h, ALTIFNAMSIZ */

/* If each XDP mode has a program, the kernel gives their numbers, and no IFLA_XDP_PROG_ID. */
static void parse_xdp(const struct nlattr *xdp, struct link *link)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, xdp)
	{
		const int type = mnl_attr_get_type(attribute);

		if (type == IFLA_XDP_ATTACHED && mnl_attr_validate(attribute, MNL_TYPE_U8) == 0)
			link->xdp_mode = mnl_attr_get_u8(attribute);
		else if ((type == IFLA_XDP_PROG_ID || type == IFLA_XDP_DRV_PROG_ID ||
				 type == IFLA_XDP_SKB_PROG_ID || type == IFLA_XDP_HW_PROG_ID) &&
			 mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
			link->xdp_program = mnl_attr_get_u32(attribute);
	}
}

static void parse_kind(const struct nlattr *info, struct link *link)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, info)
	{
		if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND &&
			mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			snprintf(link->kind, sizeof(link->kind), "%s", mnl_attr_get_str(attribute));
	}
}

static void parse_stats(const struct nlattr *attribute, struct link *link)
{
	struct rtnl_link_stats64 stats = {0};
	const size_t length = mnl_attr_get_payload_len(attribute);

	/* Newer kernels add members at the end. */
	memcpy(&stats, mnl_attr_get_payload(attribute),
		length < sizeof(stats) ? length : sizeof(stats));
	link->rx_dropped = stats.rx_dropped;
	link->tx_dropped = stats.tx_dropped;
}

bool link_parse(const struct nlmsghdr *message, struct link *link)
{
	const struct ifinfomsg *head = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute;

	/* A bridge describes its ports too, in messages of another family. */
	if (message->nlmsg_type != RTM_NEWLINK ||
		mnl_nlmsg_get_payload_len(message) < sizeof(*head) || head->ifi_family != AF_UNSPEC)
		return false;
	*link = (struct link){.index = (unsigned int)head->ifi_index};
	mnl_attr_for_each(attribute, message, sizeof(*head))
	{
		const uint16_t length = mnl_attr_get_payload_len(attribute);

		switch (mnl_attr_get_type(attribute)) {
		case IFLA_IFNAME:
			if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0 &&
				length <= sizeof(link->name))
				memcpy(link->name, mnl_attr_get_payload(attribute), length);
			break;
		case IFLA_MTU:
			if (mnl_attr_validate(attribute, MNL_TYPE_U32) == 0)
				link->mtu = mnl_attr_get_u32(attribute);
			break;
		case IFLA_ADDRESS:
			link->has_mac = length == sizeof(link->mac);
			if (link->has_mac)
				memcpy(&link->mac, mnl_attr_get_payload(attribute), length);
			break;
		case IFLA_XDP:
			parse_xdp(attribute, link);
			break;
		case IFLA_LINKINFO:
			parse_kind(attribute, link);
			break;
		case IFLA_STATS64:
			parse_stats(attribute, link);
			break;
		default:
			break;
		}
	}
	return true;
}

static int ask_for_link(unsigned int index, uint16_t attribute, const char *name, struct link *link)
{
	char message[NETLINK_MESSAGE_MAX];
	struct nlmsghdr *request = mnl_nlmsg_put_header(message);
	struct ifinfomsg *head;
	const struct nlmsghdr *answer;
	int result;

	request->nlmsg_type = RTM_GETLINK;
	head = mnl_nlmsg_put_extra_header(request, sizeof(*head));
	head->ifi_index = (int)index;
	if (name != NULL)
		mnl_attr_put_strz(request, attribute, name);
	result = netlink_ask(NETLINK_ROUTE, message, &answer);
	if (result < 0)
		return result;
	return link_parse(answer, link) ? 0 : -EBADMSG;
}

int link_find(const char *name, struct link *link)
{
	int result = -ENODEV;

	if (strlen(name) < IFNAMSIZ)
		result = ask_for_link(0, IFLA_IFNAME, name, link);
	/* The kernel may answer -EINVAL if there is no such name. */
	if (result == 0 || strlen(name) >= ALTNAME_MAX)
		return result;
	return ask_for_link(0, IFLA_ALT_IFNAME, name, link) == 0 ? 0 : -ENODEV;
}

int link_get(unsigned int index, struct link *link)
{
	return ask_for_link(index, 0, NULL, link);
}

bool link_address_is_local(struct ip_address address, unsigned int *prefix_length)
{
	const bool is_ipv4 = ip_address_family(address) == IP_FAMILY_IPV4;
	char message[NETLINK_MESSAGE_MAX];
	struct nlmsghdr *request = mnl_nlmsg_put_header(message);
	const struct nlmsghdr *answer;
	const struct rtmsg *found;
	struct rtmsg *route;

	request->nlmsg_type = RTM_GETROUTE;
	route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	route->rtm_family = is_ipv4 ? AF_INET : AF_INET6;
	route->rtm_dst_len = is_ipv4 ? 32 : 128;
	route->rtm_flags =
		RTM_F_FIB_MATCH; /* asks for the route itself, and not for where it leads */
	mnl_attr_put(request, RTA_DST, route->rtm_dst_len / 8,
		is_ipv4 ? &address.words[3] : &address.words[0]);
	if (netlink_ask(NETLINK_ROUTE, message, &answer) < 0 ||
		answer->nlmsg_type != RTM_NEWROUTE ||
		mnl_nlmsg_get_payload_len(answer) < sizeof(*route))
		return false;
	found = mnl_nlmsg_get_payload(answer);
	*prefix_length = found->rtm_dst_len;
	return found->rtm_type == RTN_LOCAL;
}

struct mnl_socket *link_monitor_open(void)
{
	struct mnl_socket *monitor = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (monitor != NULL && mnl_socket_bind(monitor, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(monitor);
		monitor = NULL;
	}
	return monitor;
}

bool link_monitor_read(struct mnl_socket *monitor,
	void (*see)(const struct link *link, void *argument), void *argument)
{
	char messages[NETLINK_MESSAGE_MAX];
	bool is_complete = true;

	for (;;) {
		const ssize_t read = mnl_socket_recvfrom(monitor, messages, sizeof(messages));
		const struct nlmsghdr *message = (const struct nlmsghdr *)messages;
		int length = (int)read;

		if (read < 0 && (errno == ENOBUFS || errno == ENOSPC || errno == EINTR)) {
			is_complete = false;
			continue;
		}
		if (read <= 0)
			return is_complete;
		for (; mnl_nlmsg_ok(message, length); message = mnl_nlmsg_next(message, &length)) {
			struct link link;

			if (link_parse(message, &link))
				see(&link, argument);
		}
	}
}

void link_monitor_close(struct mnl_socket *monitor)
{
	if (monitor != NULL)
		mnl_socket_close(monitor);
}
