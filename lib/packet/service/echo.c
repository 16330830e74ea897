/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

enum verdict service_echo_read(const struct frame *frame, const struct datagram *datagram)
{
	(void)frame;
	(void)datagram;
	return VERDICT_UDP_ECHO;
}

void service_echo_write(struct frame *frame, const struct datagram *datagram)
{
	(void)frame;
	(void)datagram;
}
