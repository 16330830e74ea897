/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "device/netlink.h"
#include "device/route.h"

struct search {
	unsigned int index; /* of the interface */
	bool is_found;
};

/* Returns whether one of the next hops goes through INDEX. The length of each leads to the next. */
static bool has_way(const struct nlattr *ways, unsigned int index)
{
	const struct rtnexthop *way = mnl_attr_get_payload(ways);
	size_t left = mnl_attr_get_payload_len(ways);

	while (left >= sizeof(*way) && way->rtnh_len >= sizeof(*way) && way->rtnh_len <= left) {
		if ((unsigned int)way->rtnh_ifindex == index)
			return true;
		if ((size_t)RTNH_ALIGN(way->rtnh_len) >= left)
			return false;
		left -= (size_t)RTNH_ALIGN(way->rtnh_len);
		way = RTNH_NEXT(way);
	}
	return false;
}

static int see(const struct nlmsghdr *message, void *argument)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	struct search *search = argument;
	const struct nlattr *attribute;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*route) || route->rtm_dst_len != 0 ||
		route->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*route))
	{
		const int type = mnl_attr_get_type(attribute);

		if (type == RTA_OIF && mnl_attr_validate(attribute, MNL_TYPE_U32) == 0 &&
			mnl_attr_get_u32(attribute) == search->index)
			search->is_found = true;
		if (type == RTA_MULTIPATH && has_way(attribute, search->index))
			search->is_found = true;
	}
	return MNL_CB_OK;
}

/* Calls see() with all routes of the family. */
static void find(unsigned char family, struct search *search)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char message[NETLINK_MESSAGE_MAX];
	struct nlmsghdr *request = mnl_nlmsg_put_header(message);
	struct rtmsg *route;
	ssize_t length;

	if (socket == NULL)
		return;
	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	route->rtm_family = family;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
		mnl_socket_sendto(socket, request, request->nlmsg_len) >= 0)
		do
			length = mnl_socket_recvfrom(socket, message, sizeof(message));
		while (length > 0 && mnl_cb_run(message, (size_t)length, 0, 0, see, search) > 0);
	mnl_socket_close(socket);
}

bool route_is_default(const char *interface)
{
	struct search search = {.index = if_nametoindex(interface)};

	if (search.index != 0) {
		find(AF_INET, &search);
		find(AF_INET6, &search);
	}
	return search.is_found;
}

bool route_leads_to(const char *interface, const char *host)
{
	const unsigned char family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
	const char *zone = strchr(host, '%');
	char message[NETLINK_MESSAGE_MAX];
	struct nlmsghdr *request = mnl_nlmsg_put_header(message);
	const struct nlmsghdr *answer;
	const struct nlattr *attribute;
	struct in6_addr address;
	struct rtmsg *route;

	if (zone != NULL) /* of a link-local address */
		return strcmp(zone + 1, interface) == 0;
	if (inet_pton(family, host, &address) != 1)
		return false;
	request->nlmsg_type = RTM_GETROUTE;
	route = mnl_nlmsg_put_extra_header(request, sizeof(*route));
	route->rtm_family = family;
	route->rtm_dst_len = family == AF_INET ? 32 : 128;
	mnl_attr_put(request, RTA_DST, route->rtm_dst_len / 8, &address);
	if (netlink_ask(NETLINK_ROUTE, message, &answer) < 0 ||
		mnl_nlmsg_get_payload_len(answer) < sizeof(*route))
		return false;
	mnl_attr_for_each(attribute, answer,
		sizeof(*route)) if (mnl_attr_get_type(attribute) == RTA_OIF &&
				    mnl_attr_validate(attribute, MNL_TYPE_U32) ==
					    0) return mnl_attr_get_u32(attribute) ==
		if_nametoindex(interface);
	return false;
}
