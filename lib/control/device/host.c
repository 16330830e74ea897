/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "device/host.h"
#include "device/link.h"

static struct sockaddr_in ipv4_of(const struct sockaddr *address)
{
	struct sockaddr_in in = {0};

	if (address != NULL && address->sa_family == AF_INET)
		memcpy(&in, address, sizeof(in));
	return in;
}

/* Returns whether the entry has the address of a peer, and not the broadcast address. */
static bool has_peer(const struct ifaddrs *entry)
{
	const struct sockaddr_in own = ipv4_of(entry->ifa_addr);
	const struct sockaddr_in mask = ipv4_of(entry->ifa_netmask);
	const struct sockaddr_in other = ipv4_of(entry->ifa_dstaddr);

	return other.sin_family == AF_INET && other.sin_addr.s_addr != own.sin_addr.s_addr &&
	       other.sin_addr.s_addr != (own.sin_addr.s_addr | ~mask.sin_addr.s_addr);
}

/* Returns whether LABEL is INTERFACE or, like eth0:1, an alias of it. */
static bool is_name(const char *label, const char *interface)
{
	const size_t length = strcspn(label, ":");

	return strlen(interface) == length && strncmp(label, interface, length) == 0;
}

bool host_find_address(struct ip_address address, struct host_address *found)
{
	struct ifaddrs *all = NULL, *entry;
	bool is_found = false;

	if (getifaddrs(&all) < 0)
		all = NULL;
	for (entry = all; entry != NULL && !is_found; entry = entry->ifa_next) {
		const struct sockaddr_in own = ipv4_of(entry->ifa_addr);
		const struct sockaddr_in mask = ipv4_of(entry->ifa_netmask);

		is_found = own.sin_family == AF_INET &&
			   own.sin_addr.s_addr == ip_address_ipv4(address).raw;
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

/* Returns whether ADDRESS is link-local (RFC 3927, RFC 4291 2.5.6), or not an IP address. */
static bool is_of_link(const struct sockaddr *address)
{
	struct sockaddr_in6 in6;

	if (address == NULL || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return true;
	if (address->sa_family == AF_INET)
		return ntohl(ipv4_of(address).sin_addr.s_addr) >> 16 == 0xa9fe;
	memcpy(&in6, address, sizeof(in6));
	return IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr);
}

static unsigned int count_bits(const struct sockaddr *mask)
{
	struct sockaddr_in6 in6;
	unsigned int count = 0;

	if (mask == NULL)
		return 0;
	if (mask->sa_family == AF_INET)
		return (unsigned int)__builtin_popcount(ipv4_of(mask).sin_addr.s_addr);
	memcpy(&in6, mask, sizeof(in6));
	for (size_t i = 0; i < sizeof(in6.sin6_addr.s6_addr); i++)
		count += (unsigned int)__builtin_popcount(in6.sin6_addr.s6_addr[i]);
	return count;
}

void host_list_addresses(const char *interface, char *text, size_t size)
{
	struct ifaddrs *all = NULL;
	size_t length = 0;

	text[0] = '\0';
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
		const struct sockaddr *own = entry->ifa_addr;
		const bool is_ipv6 = own != NULL && own->sa_family == AF_INET6;
		char address[NI_MAXHOST];

		if (is_of_link(own) || !is_name(entry->ifa_name, interface) || length >= size ||
			getnameinfo(own,
				is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in),
				address, sizeof(address), NULL, 0, NI_NUMERICHOST) != 0)
			continue;
		length += (size_t)snprintf(text + length, size - length, "%s%s/%u",
			length > 0 ? " " : "", address, count_bits(entry->ifa_netmask));
	}
	freeifaddrs(all);
}

/* Returns whether the setting NAME of INTERFACE, which may be "all", is on. */
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
