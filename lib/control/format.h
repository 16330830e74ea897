/* SPDX-License-Identifier: BSD-3-Clause */
/* Addresses as text, as they are written everywhere. */
#ifndef UDPECHO_FORMAT_H
#define UDPECHO_FORMAT_H

#include <udpecho/packet/wire.h>

struct address_text {
	char text[18]; /* room for a MAC, the longer one */
};

/** "02:00:00:00:00:02" */
struct address_text format_mac(const struct mac_address *mac);

/** "198.18.0.2" */
struct address_text format_address(be32_t address);

#endif
