/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "device/condition.h"
#include "device/host.h"
#include "device/link.h"

static struct sockaddr_in ipv4_of(const struct sockaddr *address)
{
	struct sockaddr_in in = {0};

	if (address != NULL && address->sa_family == AF_INET)
		memcpy(&in, address, sizeof(in));
	return in;
}

/* Which is in one place with the broadcast address. */
static bool has_peer(const struct ifaddrs *entry)
{
	const struct sockaddr_in own = ipv4_of(entry->ifa_addr);
	const struct sockaddr_in mask = ipv4_of(entry->ifa_netmask);
	const struct sockaddr_in other = ipv4_of(entry->ifa_dstaddr);

	return other.sin_family == AF_INET && other.sin_addr.s_addr != own.sin_addr.s_addr &&
	       other.sin_addr.s_addr != (own.sin_addr.s_addr | ~mask.sin_addr.s_addr);
}

bool host_find_address(be32_t address, struct host_address *found)
{
	struct ifaddrs *all = NULL, *entry;
	bool is_found = false;

	if (getifaddrs(&all) < 0)
		all = NULL;
	for (entry = all; entry != NULL && !is_found; entry = entry->ifa_next) {
		const struct sockaddr_in own = ipv4_of(entry->ifa_addr);
		const struct sockaddr_in mask = ipv4_of(entry->ifa_netmask);

		is_found = own.sin_family == AF_INET && own.sin_addr.s_addr == address.raw;
		if (!is_found)
			continue;
		/* An alias's label, such as eth0:1, begins with the name of the interface. */
		snprintf(found->interface, sizeof(found->interface), "%.*s",
			(int)strcspn(entry->ifa_name, ":"), entry->ifa_name);
		found->prefix_length = (unsigned int)__builtin_popcount(mask.sin_addr.s_addr);
		found->has_peer = has_peer(entry);
	}
	freeifaddrs(all);
	if (!is_found) {
		*found = (struct host_address){.prefix_length = 32};
		is_found = link_address_is_local(address, &found->prefix_length);
	}
	return is_found;
}

int host_check_address(be32_t address, struct error *error)
{
	struct host_address found;
	struct condition condition;

	if (!host_find_address(address, &found))
		return 0;
	condition = condition_address(address, &found);
	return condition_error(&condition, EADDRINUSE, error);
}

/* Whether the setting NAME of INTERFACE, or of all, is on. */
static bool is_on(const char *interface, const char *name)
{
	char path[64 + IFNAMSIZ];
	FILE *file;
	int value = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%.15s/%s", interface, name);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fscanf(file, "%d", &value) != 1)
		value = 0;
	fclose(file);
	return value != 0;
}

enum host_forwarding host_forwarding(const char *interface)
{
	if (!is_on(interface, "forwarding"))
		return HOST_FORWARDS_NOTHING;
	return is_on(interface, "proxy_arp") || is_on("all", "proxy_arp")
		       ? HOST_FORWARDS_AND_ANSWERS
		       : HOST_FORWARDS;
}
