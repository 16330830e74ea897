/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds and configures the packet sockets that DPDK's drivers hide. */
#ifndef UDPECHO_PACKET_SOCKET_H
#define UDPECHO_PACKET_SOCKET_H

#include <stdint.h>

#include <udpecho/control/error.h>

/** Fills SOCKETS with this process's packet sockets on INTERFACE. Returns how many, at most MAX. */
unsigned int packet_sockets_find(unsigned int interface, int sockets[], unsigned int max);

/**
 * Keeps net_af_packet from answering into another VLAN. The kernel removes the outer VLAN tag of
 * each frame, and the driver puts it back as 802.1Q, whatever it was. From here on the driver gets
 * only the MAC addresses of a frame with another tag, so that it is VERDICT_ETH_RUNT. Frames that
 * arrived earlier are discarded. PORT must be started, and nobody may poll it yet. Does nothing for
 * other drivers. Returns 0, or -errno.
 */
int packet_sockets_keep_tags(uint16_t port, struct error *error);

#endif
