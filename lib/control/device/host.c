/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "device/host.h"
#include "device/link.h"
#include "format.h"

static const struct ip_address none;

/* Returns the address in ADDRESS, or none if it is of another family, or NULL. */
static struct ip_address address_of(const struct sockaddr *address)
{
	struct ip_address ip = none;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (address != NULL && address->sa_family == AF_INET) {
		memcpy(&in, address, sizeof(in));
		ip = ip_address_of_ipv4((be32_t){in.sin_addr.s_addr});
	} else if (address != NULL && address->sa_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		memcpy(&ip, &in6.sin6_addr, sizeof(ip));
	}
	return ip;
}

static unsigned int count_bits(const struct sockaddr *mask)
{
	const struct ip_address ip = address_of(mask);
	const bool is_ipv4 = ip_address_family(ip) == IP_FAMILY_IPV4;
	unsigned int count = 0;

	for (unsigned int i = is_ipv4 ? 3 : 0; i < 4; i++)
		count += (unsigned int)__builtin_popcount(ip.words[i].raw);
	return count;
}

/* Returns whether the entry has the address of a peer, and not the broadcast address. */
static bool has_peer(const struct ifaddrs *entry)
{
	const struct ip_address own = address_of(entry->ifa_addr);
	const struct ip_address mask = address_of(entry->ifa_netmask);
	const struct ip_address other = address_of(entry->ifa_dstaddr);
	const bool is_ipv4 = ip_address_family(own) == IP_FAMILY_IPV4;

	return !ip_address_equal(other, none) && !ip_address_equal(other, own) &&
	       !(is_ipv4 && other.words[3].raw == (own.words[3].raw | ~mask.words[3].raw));
}

/* Returns whether LABEL is INTERFACE or, like eth0:1, an alias of it. */
static bool is_name(const char *label, const char *interface)
{
	const size_t length = strcspn(label, ":");

	return strlen(interface) == length && strncmp(label, interface, length) == 0;
}

/* Returns whether ADDRESS is link-local: RFC 3927, RFC 4291 2.5.6. */
static bool is_of_link(struct ip_address address)
{
	if (ip_address_family(address) == IP_FAMILY_IPV4)
		return be32_get(ip_address_ipv4(address)) >> 16 == 0xa9fe;
	return IN6_IS_ADDR_LINKLOCAL(&address);
}

bool host_find_address(struct ip_address address, const char *interface, struct host_address *found)
{
	const bool is_anywhere =
		ip_address_family(address) == IP_FAMILY_IPV4 || !is_of_link(address);
	struct ifaddrs *all = NULL, *entry;
	struct link link; /* of INTERFACE, which may be an alternative name */
	bool is_found = false;

	if (getifaddrs(&all) < 0)
		all = NULL;
	for (entry = all; entry != NULL && !is_found; entry = entry->ifa_next) {
		is_found = ip_address_equal(address_of(entry->ifa_addr), address) &&
			   (is_anywhere || (link_find(interface, &link) == 0 &&
						   is_name(entry->ifa_name, link.name)));
		if (!is_found)
			continue;
		/* An alias's label, such as eth0:1, begins with the name of the interface. */
		snprintf(found->interface, sizeof(found->interface), "%.*s",
			(int)strcspn(entry->ifa_name, ":"), entry->ifa_name);
		found->prefix_length = count_bits(entry->ifa_netmask);
		found->has_peer = has_peer(entry);
	}
	freeifaddrs(all);
	if (!is_found && is_anywhere) {
		*found = (struct host_address){0};
		is_found = link_address_is_local(address, &found->prefix_length);
	}
	return is_found;
}

void host_list_addresses(const char *interface, char *text, size_t size)
{
	struct ifaddrs *all = NULL;
	size_t length = 0;

	text[0] = '\0';
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
		const struct ip_address own = address_of(entry->ifa_addr);

		if (ip_address_equal(own, none) || is_of_link(own) ||
			!is_name(entry->ifa_name, interface) || length >= size)
			continue;
		length += (size_t)snprintf(text + length, size - length, "%s%s/%u",
			length > 0 ? " " : "", format_address(own).text,
			count_bits(entry->ifa_netmask));
	}
	freeifaddrs(all);
}

/* Returns whether the setting NAME of FAMILY is on for INTERFACE, which may be "all". */
static bool is_on(enum ip_family family, const char *interface, const char *name)
{
	char path[64 + IFNAMSIZ];
	FILE *file;
	int value = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv%d/conf/%.15s/%s", family, interface, name);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	if (fscanf(file, "%d", &value) != 1)
		value = 0;
	fclose(file);
	return value != 0;
}

enum host_forwarding host_forwarding(const char *interface, enum ip_family family)
{
	if (!is_on(family, family == IP_FAMILY_IPV4 ? interface : "all", "forwarding"))
		return HOST_FORWARDS_NOTHING;
	return family == IP_FAMILY_IPV4 && (is_on(family, interface, "proxy_arp") ||
						   is_on(family, "all", "proxy_arp"))
		       ? HOST_FORWARDS_AND_ANSWERS
		       : HOST_FORWARDS;
}
