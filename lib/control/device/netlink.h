/* SPDX-License-Identifier: BSD-3-Clause */
/* Questions to the kernel by netlink(7) that have one answer. */
#ifndef UDPECHO_NETLINK_H
#define UDPECHO_NETLINK_H

struct nlmsghdr;

/* A message about a link with many virtual functions is longer than MNL_SOCKET_BUFFER_SIZE. */
#define NETLINK_MESSAGE_MAX 65536

/**
 * Sends the request that MESSAGE begins with to the kernel's PROTOCOL, such as NETLINK_ROUTE, and
 * puts the first message of the answer in its place: ANSWER. 0, or -errno.
 */
int netlink_ask(int protocol, char message[NETLINK_MESSAGE_MAX], const struct nlmsghdr **answer);

#endif
