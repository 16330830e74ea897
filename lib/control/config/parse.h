/* SPDX-License-Identifier: BSD-3-Clause */
/* Parses texts of the command line and the configuration file. Each returns false if it cannot. */
#ifndef UDPECHO_PARSE_H
#define UDPECHO_PARSE_H

#include <sched.h>
#include <stdbool.h>

#include <udpecho/datapath/limits.h>
#include <udpecho/packet/identity.h>

/**
 * Parses "198.18.0.2/24" or "2001:2::2/64". Without /LEN the prefix is the address alone. An IPv6
 * address has no zone, and is no IPv4 address in the form ::ffff:198.18.0.2.
 */
bool parse_prefix(const char *text, struct ip_prefix *prefix);

/** Says how to write TEXT, which parse_prefix() can't parse. */
const char *parse_prefix_advice(const char *text);

/** Parses "02:00:00:00:00:02", the MAC of one station: neither a group's nor zero. */
bool parse_mac(const char *text, struct mac_address *mac);

/** Parses "7", "7,7000-7099" or "any". Port 0 is not allowed. */
bool parse_ports(const char *text, struct port_set *ports);

/** Parses "1000" a second, or "1000:50" with bursts of 50. Both are from 1 to RATE_MAX. */
bool parse_rate(const char *text, struct rate *rate);

/**
 * Parses "9110", on the loopback, "198.18.0.1:9110" or "[2001:2::1]:9110". The TCP port is from 1
 * to 65535.
 */
bool parse_endpoint(const char *text, struct ip_address *address, unsigned int *port);

/** Parses a decimal number from MINIMUM to MAXIMUM. */
bool parse_count(
	const char *text, unsigned long minimum, unsigned long maximum, unsigned int *number);

/** Parses "1" or "1,3-5": the numbers of cores. */
bool parse_cores(const char *text, cpu_set_t *cores);

#endif
