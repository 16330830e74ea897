/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cap-ng.h>

#include "device/condition.h"
#include "device/host.h"
#include "foreign.h"
#include "format.h"
#include "privilege.h"

#define CAPABILITIES_TEXT 128

static struct condition condition(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void fix(struct condition *condition, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct condition condition(const char *format, ...)
{
	struct condition condition = {.fix = ""};
	va_list values;

	va_start(values, format);
	vsnprintf(condition.text, sizeof(condition.text), format, values);
	va_end(values);
	return condition;
}

static void fix(struct condition *condition, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(condition->fix, sizeof(condition->fix), format, values);
	va_end(values);
}

int condition_error(const struct condition *condition, int why, struct error *error)
{
	const char *fix = condition->fix, *note = strstr(fix, "# ");
	const int length = (int)(note != NULL ? note - fix : (ptrdiff_t)strlen(fix));

	if (fix[0] == '\0')
		return error_set(error, why, "%s", condition->text);
	if (note == NULL)
		return error_set(error, why, "%s: `%s`", condition->text, fix);
	if (note == fix)
		return error_set(error, why, "%s: %s", condition->text, note + 2);
	return error_set(error, why, "%s: `%.*s` (%s)", condition->text, length - 1, fix, note + 2);
}

struct condition condition_no_interface(void)
{
	struct condition it = condition("no such interface");

	fix(&it, "ip link # lists them");
	return it;
}

struct condition condition_no_pci(void)
{
	struct condition it = condition("no such PCI device");

	fix(&it, "lspci -D # lists them");
	return it;
}

struct condition condition_no_tun(void)
{
	struct condition it = condition("there is no /dev/net/tun");

	fix(&it, "modprobe tun # a container also needs --device=/dev/net/tun");
	return it;
}

struct condition condition_exists(const char *name, bool is_tap)
{
	struct condition it = condition("the interface exists");

	if (is_tap)
		fix(&it, "ip link del %s # or choose a new name", foreign_word(name).text);
	else
		fix(&it, "# choose a new name");
	return it;
}

struct condition condition_not_ethernet(void)
{
	struct condition it = condition("not an Ethernet interface");

	fix(&it, "ip link # shows Ethernet interfaces as link/ether");
	return it;
}

struct condition condition_down(const char *name)
{
	struct condition it = condition("the interface is down");

	fix(&it, "ip link set %s up", foreign_word(name).text);
	return it;
}

struct condition condition_taken(const char *name)
{
	struct condition it = condition("another udpechod has this interface");

	fix(&it, "ss -xlp | grep @udpechod/%s # shows which process", foreign_word(name).text);
	return it;
}

/* The kernel takes ADDRESS for its own because of a route of type local. */
static struct condition by_route(struct ip_address address, unsigned int prefix_length)
{
	struct condition it = condition("the kernel takes %s for its own and would answer too",
		format_address(address).text);

	fix(&it, "ip route del local %s/%u table local # or use another address",
		format_address(ip_address_network(address, prefix_length)).text, prefix_length);
	return it;
}

struct condition condition_address(struct ip_address address, const struct host_address *found)
{
	const struct address_text text = format_address(address);
	struct condition it;

	if (found->interface[0] == '\0')
		return by_route(address, found->prefix_length);
	it = condition("the kernel has %s on %s and would answer too", text.text, found->interface);
	if (found->has_peer)
		fix(&it, "ip addr del %s dev %s # or use another address", text.text,
			foreign_word(found->interface).text);
	else
		fix(&it, "ip addr del %s/%u dev %s # or use another address", text.text,
			found->prefix_length, foreign_word(found->interface).text);
	return it;
}

struct condition condition_forwards(
	const char *name, enum ip_family family, enum host_forwarding forwarding)
{
	struct condition it =
		condition("the kernel forwards IPv%d packets from this interface, so it may "
			  "forward each request as well%s",
			family,
			forwarding == HOST_FORWARDS_AND_ANSWERS
				? "; it also answers ARP for addresses of others (proxy_arp)"
				: "");

	if (family == IP_FAMILY_IPV4)
		fix(&it, "sysctl -w net.ipv4.conf.%s.forwarding=0", foreign_word(name).text);
	else
		fix(&it, "sysctl -w net.ipv6.conf.all.forwarding=0 # of all interfaces: there is "
			 "no switch for one");
	return it;
}

/* Writes the capabilities in SET, each after a space and BEFORE: " CAP_NET_RAW CAP_NET_ADMIN". */
static void list_capabilities(char text[CAPABILITIES_TEXT], uint64_t set, const char *before)
{
	size_t length = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < 64 && length < CAPABILITIES_TEXT; i++) {
		const char *name = set & PRIVILEGE(i) ? capng_capability_to_name(i) : NULL;

		length += name == NULL ? 0
				       : (size_t)snprintf(text + length, CAPABILITIES_TEXT - length,
						 " %s", before);
		for (; name != NULL && *name != '\0' && length < CAPABILITIES_TEXT - 1; name++) {
			text[length++] = (char)toupper((unsigned char)*name);
			text[length] = '\0';
		}
	}
}

struct condition condition_capabilities(uint64_t missing, const char *user)
{
	char names[CAPABILITIES_TEXT];
	struct condition it;

	list_capabilities(names, missing, "CAP_");
	it = condition("no permission: this process lacks%s, which %s needs", names, user);
	list_capabilities(names, missing, "--cap-add=");
	fix(&it, "# run it as root or with sudo; run a container with%s", names);
	return it;
}

struct condition condition_memlock(uint64_t limit, uint64_t needed, const char *user)
{
	struct condition it = condition("this process may lock %" PRIu64
					" KiB of memory, and %s needs %" PRIu64 " or more",
		limit / 1024, user, needed / 1024);

	fix(&it, "ulimit -l unlimited # in a service LimitMEMLOCK=infinity; run a container with "
		 "--cap-add=IPC_LOCK");
	return it;
}

struct condition condition_descriptors(unsigned long limit)
{
	struct condition it = condition("the limit of open files, %lu, is too low", limit);

	fix(&it, "ulimit -n 65536 # in a service LimitNOFILE=65536");
	return it;
}

struct condition condition_namespace(void)
{
	struct condition it = condition(
		"this is not the first network namespace, the only one that sees who uses a NIC");

	fix(&it, "# look again outside of containers and network namespaces");
	return it;
}

struct condition condition_away(void)
{
	struct condition it = condition("its interface is in another network namespace");

	fix(&it, "ip netns exec NAMESPACE ip link # lists its interfaces: take it back from there");
	return it;
}

struct condition condition_management(void)
{
	struct condition it = condition("you reach this machine through it");

	fix(&it, "ip route # says so: choose another NIC");
	return it;
}

struct condition condition_member(const char *name, const char *whole)
{
	struct condition it = condition("it is a part of %s", whole);

	fix(&it, "ip link set %s nomaster # if nothing else needs it there",
		foreign_word(name).text);
	return it;
}

struct condition condition_addressed(const char *name, const char *addresses)
{
	struct condition it = condition("it has addresses (%s)", addresses);

	fix(&it, "ip address flush dev %s # if nothing else needs them", foreign_word(name).text);
	return it;
}

struct condition condition_xdp_program(const char *name, const char *program, bool is_generic)
{
	struct condition it = condition("another XDP program is attached to %s%s%s", name,
		program[0] != '\0' ? ": " : "", program);

	fix(&it, "ip link set dev %s %s off # detaches it: first end what attached it",
		foreign_word(name).text, is_generic ? "xdpgeneric" : "xdp");
	return it;
}

struct condition condition_no_native_xdp(const char *name)
{
	struct condition it = condition("the driver of %s has no native XDP", name);

	fix(&it, "udpechod -d af_packet:%s # works without XDP", foreign_word(name).text);
	return it;
}

struct condition condition_xdp_mtu(
	const char *name, unsigned int mtu, unsigned int most, unsigned int fits)
{
	struct condition it = condition("the MTU is %u, and AF_XDP takes at most %u", mtu, most);

	fix(&it, "ip link set %s mtu %u", foreign_word(name).text, fits);
	return it;
}

struct condition condition_ipv6_mtu(const char *name, unsigned int mtu)
{
	struct condition it =
		condition("the MTU is %u, and IPv6 needs at least %d", mtu, IPV6_MTU_MIN);

	fix(&it, "ip link set %s mtu %d", foreign_word(name).text, IPV6_MTU_MIN);
	return it;
}

struct condition condition_uncombined(const char *name, unsigned int count)
{
	struct condition it =
		condition("the interface has no combined channel, which AF_XDP's driver needs");

	fix(&it, "ethtool -L %s rx 0 tx 0 combined %u", foreign_word(name).text, count);
	return it;
}

struct condition condition_no_bpffs(void)
{
	struct condition it = condition(
		"libxdp can write neither to a bpffs on /sys/fs/bpf nor to /run, which it needs "
		"after a kill -9");

	fix(&it, "mount -t bpf bpf /sys/fs/bpf");
	return it;
}
