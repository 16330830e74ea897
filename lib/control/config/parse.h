/* SPDX-License-Identifier: BSD-3-Clause */
/* Texts of the command line and the configuration file turned into values. */
#ifndef UDPECHO_PARSE_H
#define UDPECHO_PARSE_H

#include <sched.h>
#include <stdbool.h>

#include <udpecho/datapath/limits.h>
#include <udpecho/packet/identity.h>

/** "198.18.0.2/24"; without /LEN the prefix is 32. False: not of that form. */
bool parse_prefix(const char *text, be32_t *address, unsigned int *prefix_length);

/** "02:00:00:00:00:02": a single station's MAC, not a group's, not zero. */
bool parse_mac(const char *text, struct mac_address *mac);

/** "7", "7,7000-7099" or "any"; port 0 is no port. */
bool parse_ports(const char *text, struct port_set *ports);

/** "1000" a second or "1000:50", with bursts of 50; 1 to RATE_MAX each. */
bool parse_rate(const char *text, struct rate *rate);

/** "9110", of loopback, or "198.18.0.1:9110": a TCP port from 1 to 65535. */
bool parse_endpoint(const char *text, be32_t *address, unsigned int *port);

/** A decimal number from MINIMUM to MAXIMUM. */
bool parse_count(
	const char *text, unsigned long minimum, unsigned long maximum, unsigned int *number);

/** "1" or "1,3-5": numbers of processors. */
bool parse_cores(const char *text, cpu_set_t *cores);

#endif
