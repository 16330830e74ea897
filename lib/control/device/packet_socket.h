/* SPDX-License-Identifier: BSD-3-Clause */
/* The packet sockets that DPDK's drivers open, and neither show nor let others set up. */
#ifndef UDPECHO_PACKET_SOCKET_H
#define UDPECHO_PACKET_SOCKET_H

#include <stdint.h>

#include <udpecho/control/error.h>

/** Those of this process on the kernel's interface INDEX: how many, MAX at most. */
unsigned int packet_sockets_find(unsigned int interface, int sockets[], unsigned int max);

/**
 * Where net_af_packet has PORT, which is started and which nobody polls yet: the kernel takes the
 * outer VLAN tag out of each frame, and the driver puts it back as 802.1Q, whatever it was. From
 * here on it gets a frame whose tag was another no further than its MAC addresses, so that it is
 * VERDICT_ETH_RUNT, and not answered into another VLAN. What is there already is thrown away. 0, or
 * -errno.
 */
int packet_sockets_keep_tags(uint16_t port, struct error *error);

#endif
