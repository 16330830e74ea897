/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

#include "doctor/tree.h"
#include "doctor_host.h"
#include "suite.h"

/*
 * 198.18.0.9/24 on ens2, 198.18.0.10/32 on lo, a local route of 198.18.0.11, and 198.18.0.12 with a
 * peer; the same of IPv6, as 2001:2::9/64 and so on; and fe80::9/64 on ens2.
 */
static bool find_address(
	struct ip_address address, const char *interface, struct host_address *found)
{
	static const struct host_address all[] = {
		{"ens2", 24, false}, {"lo", 32, false}, {"", 28, false}, {"ens2", 32, true}};
	static const struct host_address all6[] = {
		{"ens2", 64, false}, {"lo", 128, false}, {"", 125, false}, {"ens2", 128, true}};
	const uint32_t number = be32_get(address.words[3]) -
				(ip_address_family(address) == IP_FAMILY_IPV4 ? 0xc6120009 : 9);

	if (be32_get(address.words[0]) >> 16 == 0xfe80 && strcmp(interface, "ens2") != 0)
		return false;
	if (number >= COUNT(all))
		return false;
	*found = ip_address_family(address) == IP_FAMILY_IPV4 ? all[number] : all6[number];
	return true;
}

static const char *default_route; /* the row's */

static bool is_default_route(const char *interface)
{
	return strcmp(interface, default_route) == 0;
}

/* Whoever is logged in from there comes in by ens2. */
static bool leads_to(const char *interface, const char *host)
{
	return strcmp(interface, "ens2") == 0 && strcmp(host, "198.51.100.7") == 0;
}

static const char *addresses, *addressed; /* the row's */

static void list_addresses(const char *interface, char *text, size_t size)
{
	snprintf(text, size, "%s",
		strcmp(interface, addressed) == 0 && addresses != NULL ? addresses : "");
}

static enum host_forwarding forwarding(const char *interface, enum ip_family family)
{
	if (family == IP_FAMILY_IPV6)
		return strcmp(interface, "veth2") == 0 ? HOST_FORWARDS : HOST_FORWARDS_NOTHING;
	return strcmp(interface, "veth0") == 0   ? HOST_FORWARDS
	       : strcmp(interface, "veth1") == 0 ? HOST_FORWARDS_AND_ANSWERS
						 : HOST_FORWARDS_NOTHING;
}

static bool find_xdp(const char *interface, struct xdp *xdp)
{
	static const struct {
		const char *interface;
		struct xdp xdp;
	} rows[] = {
		{"br0", {.native = XDP_NATIVE_NONE}},
		{"old0", {.native = XDP_NATIVE_UNKNOWN}},
		{"busy0", {XDP_NATIVE_HAS, XDP_PROGRAM_FOREIGN, false, 0, "firewall"}},
		{"busy1", {XDP_NATIVE_NONE, XDP_PROGRAM_FOREIGN, true, 0, ""}},
		{"busy2", {XDP_NATIVE_HAS, XDP_PROGRAM_UNKNOWN, false, 0, ""}},
		{"split0", {.native = XDP_NATIVE_HAS, .uncombined = 4}},
	};

	*xdp = (struct xdp){.native = XDP_NATIVE_HAS};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(interface, rows[i].interface) == 0)
			*xdp = rows[i].xdp;
	return strcmp(interface, "nowhere") != 0;
}

static const struct machine
	*host; /* its files say all, but for hidden0, of which they don't know */

static int check_interface(const char *interface, struct error *error)
{
	(void)error;
	if (strcmp(interface, "hidden0") == 0)
		return 0;
	if (!tree_has(host, "/" NET "%s", interface))
		return -ENODEV;
	if (tree_number(host, ARPHRD_ETHER, "/" NET "%s/type", interface) != ARPHRD_ETHER)
		return -EINVAL;
	return tree_number(host, 0, "/" NET "%s/flags", interface) & IFF_UP ? 0 : -ENETDOWN;
}

static bool is_running(const char *interface, bool otherwise)
{
	(void)otherwise;
	return strcmp(interface, "hidden0") == 0 ||
	       tree_number(host, 0, "/" NET "%s/carrier", interface) == 1;
}

static unsigned int find_mtu(const char *interface)
{
	if (strcmp(interface, "hidden0") == 0)
		return 1500;
	return (unsigned int)tree_number(host, 0, "/" NET "%s/mtu", interface);
}

static bool is_veth(const char *interface)
{
	return strncmp(interface, "veth", 4) == 0;
}

/* ens1 puts together, and veth1 sends together. */
static int has_feature(const char *interface, const char *feature)
{
	return (strcmp(interface, "ens1") == 0 && strcmp(feature, "rx-gro-list") == 0) ||
	       (strcmp(interface, "veth1") == 0 && strcmp(feature, "tx-udp-segmentation") == 0);
}

static int leaves_checksums(const char *interface)
{
	return strcmp(interface, "veth1") == 0;
}

static int leaves_none(const char *interface)
{
	(void)interface;
	return 0;
}

void doctor_host(struct machine *machine, const struct doctor_case *row, const char *root)
{
	default_route = row->default_route != NULL ? row->default_route : "eno1";
	addresses = row->addresses;
	addressed = row->addressed != NULL ? row->addressed : "ens2";
	host = machine;
	*machine = (struct machine){
		.root = root,
		.object_path = row->object_path,
		.find_address = find_address,
		.is_default_route = is_default_route,
		.leads_to = leads_to,
		.list_addresses = list_addresses,
		.forwarding = forwarding,
		.find_xdp = find_xdp,
		.check_interface = check_interface,
		.is_running = is_running,
		.find_mtu = find_mtu,
		.is_veth = is_veth,
		.has_feature = has_feature,
		.leaves_checksums = row->leaves_checksums ? leaves_checksums : leaves_none,
	};
}
