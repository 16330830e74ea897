/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#include "device/netlink.h"

int netlink_ask(int protocol, char message[NETLINK_MESSAGE_MAX], const struct nlmsghdr **answer)
{
	struct nlmsghdr *request = (struct nlmsghdr *)message;
	struct mnl_socket *socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	ssize_t length = -1;

	if (socket == NULL)
		return -errno;
	request->nlmsg_flags |= NLM_F_REQUEST;
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
		mnl_socket_sendto(socket, request, request->nlmsg_len) >= 0)
		length = mnl_socket_recvfrom(socket, message, NETLINK_MESSAGE_MAX);
	if (length < 0) {
		const int why = errno;

		mnl_socket_close(socket);
		return -why;
	}
	mnl_socket_close(socket);
	*answer = (const struct nlmsghdr *)message;
	if (!mnl_nlmsg_ok(*answer, (int)length))
		return -EBADMSG;
	if ((*answer)->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *failure = mnl_nlmsg_get_payload(*answer);

		return mnl_nlmsg_get_payload_len(*answer) < sizeof(failure->error) ||
				       failure->error == 0
			       ? -EBADMSG
			       : failure->error;
	}
	return 0;
}
