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

bool parse_prefix(const char *text, struct ip_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	const size_t length = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char host[INET_ADDRSTRLEN];
	unsigned long number = 32;
	struct in_addr in;

	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	if (inet_pton(AF_INET, host, &in) != 1)
		return false;
	if (slash != NULL) {
		text = slash + 1;
		if (!parse_number(&text, 32, &number) || *text != '\0')
			return false;
	}
	prefix->address = ip_address_of_ipv4((be32_t){in.s_addr});
	prefix->length = (uint8_t)number;
	return true;
}

bool parse_endpoint(const char *text, struct ip_address *address, unsigned int *port)
{
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN] = "127.0.0.1";
	struct ip_prefix prefix;

	if (colon != NULL) {
		if ((size_t)(colon - text) >= sizeof(host))
			return false;
		memcpy(host, text, (size_t)(colon - text));
		host[colon - text] = '\0';
		text = colon + 1;
	}
	if (strchr(host, '/') != NULL || !parse_prefix(host, &prefix))
		return false;
	*address = prefix.address;
	return parse_count(text, 1, 65535, port);
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
