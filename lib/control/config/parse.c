/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>

#include "config/parse.h"

/* Parses a decimal number up to MAXIMUM at *TEXT, and moves *TEXT behind it. */
static bool parse_number(const char **text, unsigned long maximum, unsigned long *number)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	*number = strtoul(*text, &end, 10);
	*text = end;
	return *number <= maximum;
}

/* Parses the address that is the first LENGTH characters of TEXT. */
static bool parse_address(const char *text, size_t length, struct ip_address *address)
{
	char host[INET6_ADDRSTRLEN];
	struct ip_address ip;

	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	if (inet_pton(AF_INET6, host, &ip) == 1) {
		*address = ip;
		return ip_address_family(ip) == IP_FAMILY_IPV6;
	}
	if (inet_pton(AF_INET, host, &ip.words[3]) != 1)
		return false;
	*address = ip_address_of_ipv4(ip.words[3]);
	return true;
}

bool parse_prefix(const char *text, struct ip_prefix *prefix)
{
	const size_t length = strcspn(text, "/");
	unsigned long bits, number;

	if (!parse_address(text, length, &prefix->address))
		return false;
	bits = ip_address_bits(prefix->address);
	number = bits;
	text += length;
	if (*text == '/') {
		text++;
		if (!parse_number(&text, bits, &number) || *text != '\0')
			return false;
	}
	prefix->length = (uint8_t)number;
	return true;
}

const char *parse_prefix_advice(const char *text)
{
	if (strchr(text, '%') != NULL)
		return "write the address without its zone, which % begins";
	if (strncasecmp(text, "::ffff:", strlen("::ffff:")) == 0)
		return "write an IPv4 address as 198.18.0.2/24";
	return "write it as 198.18.0.2/24 or 2001:2::2/64";
}

bool parse_endpoint(const char *text, struct ip_address *address, unsigned int *port)
{
	const char *colon = strrchr(text, ':');
	const char *host = colon != NULL ? text : "127.0.0.1";
	size_t length = colon != NULL ? (size_t)(colon - text) : strlen(host);
	const bool is_bracketed = length > 1 && host[0] == '[' && host[length - 1] == ']';

	if (is_bracketed) {
		host++;
		length -= 2;
	}
	return parse_address(host, length, address) &&
	       (ip_address_family(*address) == IP_FAMILY_IPV6) == is_bracketed &&
	       parse_count(colon != NULL ? colon + 1 : text, 1, 65535, port);
}

bool parse_mac(const char *text, struct mac_address *mac)
{
	struct rte_ether_addr address;

	if (rte_ether_unformat_addr(text, &address) != 0 ||
		!rte_is_valid_assigned_ether_addr(&address))
		return false;
	memcpy(mac, &address, sizeof(*mac));
	return true;
}

/* Parses "A,B-C,...", and calls ADD for each range of numbers from MINIMUM to MAXIMUM. */
static bool parse_ranges(const char *text, unsigned long minimum, unsigned long maximum,
	void (*add)(void *set, unsigned long first, unsigned long last), void *set)
{
	unsigned long first, last;

	for (;;) {
		if (!parse_number(&text, maximum, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!parse_number(&text, maximum, &last))
				return false;
		}
		if (first < minimum || first > last)
			return false;
		add(set, first, last);
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

static void add_ports(void *set, unsigned long first, unsigned long last)
{
	for (unsigned long port = first; port <= last; port++)
		port_set_add(set, (uint16_t)port);
}

bool parse_ports(const char *text, struct port_set *ports)
{
	memset(ports, 0, sizeof(*ports));
	if (strcmp(text, "any") == 0) {
		add_ports(ports, 1, UINT16_MAX);
		return true;
	}
	return parse_ranges(text, 1, UINT16_MAX, add_ports, ports);
}

static void add_cores(void *set, unsigned long first, unsigned long last)
{
	cpu_set_t *cores = set;

	for (unsigned long core = first; core <= last; core++)
		CPU_SET(core, cores);
}

bool parse_cores(const char *text, cpu_set_t *cores)
{
	CPU_ZERO(cores);
	return parse_ranges(text, 0, CPU_SETSIZE - 1, add_cores, cores);
}

bool parse_rate(const char *text, struct rate *rate)
{
	unsigned long per_second, burst;

	if (!parse_number(&text, RATE_MAX, &per_second) || per_second == 0)
		return false;
	burst = per_second;
	if (*text == ':') {
		text++;
		if (!parse_number(&text, RATE_MAX, &burst) || burst == 0)
			return false;
	}
	if (*text != '\0')
		return false;
	*rate = (struct rate){.per_second = per_second, .burst = burst};
	return true;
}

bool parse_count(
	const char *text, unsigned long minimum, unsigned long maximum, unsigned int *number)
{
	unsigned long value;

	if (!parse_number(&text, maximum, &value) || value < minimum || *text != '\0')
		return false;
	*number = (unsigned int)value;
	return true;
}
