/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks the kernel a question with one answer: netlink(7). */
#ifndef UDPECHO_NETLINK_H
#define UDPECHO_NETLINK_H

struct nlmsghdr;

/* A message about a link with many virtual functions is longer than MNL_SOCKET_BUFFER_SIZE. */
#define NETLINK_MESSAGE_MAX 65536

/**
 * Sends the request in MESSAGE to the kernel's PROTOCOL, such as NETLINK_ROUTE. Overwrites MESSAGE
 * with the answer, and sets ANSWER to its first message. Returns 0, or -errno.
 */
int netlink_ask(int protocol, char message[NETLINK_MESSAGE_MAX], const struct nlmsghdr **answer);

#endif
