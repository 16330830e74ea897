/* SPDX-License-Identifier: BSD-3-Clause */
#include "receive.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "account.h"
#include "deadline.h"
#include "match.h"
#include "probe.h"

#define BATCH         64
#define ROUNDS        8 /* batches of one flow, before the next flow has its turn */
#define CONTROL_BYTES 512
#define RECEIVE_ROOM  (4 * 1024 * 1024)

struct receiver {
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	uint8_t control[BATCH][CONTROL_BYTES] __attribute__((aligned(8)));
	uint8_t expected[PROBE_SIZE_MAX];
	size_t stride;
	uint8_t bytes[]; /* BATCH times the stride */
};

/* What the kernel says about a datagram. */
struct extras {
	uint64_t came; /* when, by the kernel's clock, nanoseconds since 1970; 0: unknown */
	int ttl, dscp; /* negative: unknown */
	bool has_overrun;
	uint32_t overrun; /* how many datagrams the socket had no room for, so far */
	const struct sock_extended_err *error;
};

struct receiver *receiver_make(size_t size)
{
	const size_t stride = probe_stride(size);
	struct receiver *receiver = malloc(sizeof(*receiver) + BATCH * stride);

	if (receiver != NULL)
		receiver->stride = stride;
	return receiver;
}

void receiver_free(struct receiver *receiver)
{
	free(receiver);
}

static void turn_on(int socket, int level, int option, int value)
{
	(void)setsockopt(socket, level, option, &value,
		sizeof(value)); /* without it, the value is unknown */
}

/* Asks for send and receive times. The kernel numbers the datagrams that are sent, from 0 again. */
static void stamps_turn_on(int socket)
{
	const int stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE |
			   SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;

	turn_on(socket, SOL_SOCKET, SO_TIMESTAMPING, stamps);
	turn_on(socket, SOL_SOCKET, SO_TIMESTAMPING, stamps | SOF_TIMESTAMPING_OPT_ID);
}

void receive_restamp(struct flow *flow, uint64_t sequence)
{
	stamps_turn_on(flow->socket);
	flow->stamped = sequence;
}

void receive_setup(int socket, bool kernel_times)
{
	turn_on(socket, IPPROTO_IP, IP_RECVTTL, 1);
	turn_on(socket, IPPROTO_IP, IP_RECVTOS, 1);
	turn_on(socket, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
	turn_on(socket, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
	turn_on(socket, SOL_SOCKET, SO_RXQ_OVFL, 1);
	turn_on(socket, SOL_SOCKET, SO_RCVBUF, RECEIVE_ROOM);
	turn_on(socket, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_ROOM); /* for root: beyond the limit */
	if (kernel_times)
		stamps_turn_on(socket);
}

static int number_get(const struct cmsghdr *part)
{
	int number = 0;

	/* IP_TOS comes as a byte. */
	memcpy(&number, CMSG_DATA(part), part->cmsg_len == CMSG_LEN(1) ? 1 : sizeof(number));
	return number;
}

static struct extras extras_read(struct msghdr *message)
{
	struct extras extras = {.ttl = -1, .dscp = -1};

	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL;
		part = CMSG_NXTHDR(message, part)) {
		const int level = part->cmsg_level, type = part->cmsg_type;

		if (level == SOL_SOCKET && type == SCM_TIMESTAMPING) {
			struct scm_timestamping times;

			memcpy(&times, CMSG_DATA(part), sizeof(times));
			extras.came = (uint64_t)times.ts[0].tv_sec * NANOSECONDS_PER_SECOND +
				      (uint64_t)times.ts[0].tv_nsec;
		} else if (level == SOL_SOCKET && type == SO_RXQ_OVFL) {
			extras.has_overrun = true;
			extras.overrun = (uint32_t)number_get(part);
		} else if ((level == IPPROTO_IP && type == IP_TTL) ||
			   (level == IPPROTO_IPV6 && type == IPV6_HOPLIMIT)) {
			extras.ttl = number_get(part);
		} else if ((level == IPPROTO_IP && type == IP_TOS) ||
			   (level == IPPROTO_IPV6 && type == IPV6_TCLASS)) {
			extras.dscp = number_get(part) >> 2 & 63;
		} else if ((level == IPPROTO_IP && type == IP_RECVERR) ||
			   (level == IPPROTO_IPV6 && type == IPV6_RECVERR)) {
			extras.error = (const struct sock_extended_err *)CMSG_DATA(part);
		}
	}
	return extras;
}

/* The kernel's counter has 32 bits. */
static void overrun_note(struct flow *flow, uint32_t overrun)
{
	tally_count(&flow->tally.overrun, (uint32_t)(overrun - (uint32_t)flow->tally.overrun));
}

/* The kernel tells with the next datagram: after the last one we have to ask. */
void receive_end(struct flow *flow)
{
	uint32_t numbers[SK_MEMINFO_VARS];
	socklen_t length = sizeof(numbers);

	if (getsockopt(flow->socket, SOL_SOCKET, SO_MEMINFO, numbers, &length) == 0 &&
		length > SK_MEMINFO_DROPS * sizeof(numbers[0]))
		overrun_note(flow, numbers[SK_MEMINFO_DROPS]);
}

static void extras_note(struct flow *flow, const struct extras *extras)
{
	if (extras->has_overrun)
		overrun_note(flow, extras->overrun);
	if (extras->ttl > 0 && (flow->ttl_least == 0 || extras->ttl < flow->ttl_least))
		flow->ttl_least = extras->ttl;
	if (extras->ttl > flow->ttl_most)
		flow->ttl_most = extras->ttl;
	if (extras->dscp >= 0)
		flow->dscps |= UINT64_C(1) << extras->dscp;
}

/* Reads the error queue: send times, and errors that the network reported. */
static void errors_receive(struct thread *thread, struct flow *flow)
{
	uint8_t control[CONTROL_BYTES] __attribute__((aligned(8)));
	uint8_t byte;

	for (;;) {
		struct iovec vector = {.iov_base = &byte, .iov_len = sizeof(byte)};
		struct msghdr message = {.msg_iov = &vector,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
		struct extras extras;
		struct slot *slot;

		if (recvmsg(flow->socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		extras = extras_read(&message);
		if (extras.error == NULL)
			continue;
		if (extras.error->ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
			/* The number has 32 bits, so we count back from the next sequence. */
			slot = flow_find(flow, flow->next - (uint32_t)(flow->next - flow->stamped -
								       extras.error->ee_data));
			if (slot != NULL && slot->sequence < flow->stamps_end)
				slot->left = extras.came;
		} else {
			account_error(thread->engine, flow, (int)extras.error->ee_errno);
		}
	}
}

static void difference_find(struct event *event, const uint8_t *got, const uint8_t *expected)
{
	for (event->offset = 0; got[event->offset] == expected[event->offset];)
		event->offset++;
	event->got = got[event->offset];
	event->expected = expected[event->offset];
}

/* Takes a datagram that came at NOW of the monotonic clock. */
static void reply_take(struct thread *thread, struct flow *flow, const uint8_t *bytes,
	size_t length, const struct extras *extras, uint64_t now)
{
	const struct engine *engine = thread->engine;
	const struct options *options = engine->options;
	uint8_t *expected = thread->receiver->expected;
	struct event event = {.flow = flow, .length = length, .ttl = extras->ttl};
	struct slot *slot;

	switch (match_find(flow, engine->run, bytes, length, &slot)) {
	case MATCH_NONE:
		account_stranger(flow);
		return;
	case MATCH_FORGOTTEN:
		account_stale(flow);
		return;
	case MATCH_SLOT:
		break;
	}
	if (slot->left == 0 && options->kernel_times)
		errors_receive(thread, flow); /* the reply may be here before the send time */
	event.slot = slot;
	event.sent_length =
		probe_length(engine->run, slot->sequence, options->size_least, options->size_most);
	probe_write(expected, event.sent_length,
		&(struct probe){engine->run, flow->number, slot->sequence, slot->due});
	event.fate = probe_compare(bytes, length, expected, event.sent_length);
	if (event.fate == FATE_CORRUPTED)
		difference_find(&event, bytes, expected);
	event.latency = now - slot->due;
	if (extras->came != 0 && slot->left != 0 && extras->came > slot->left)
		event.network = extras->came - slot->left;
	account_reply(thread, flow, slot, &event);
}

static unsigned int some_receive(struct thread *thread, struct flow *flow)
{
	struct receiver *receiver = thread->receiver;
	uint64_t now;
	int count;

	for (unsigned int i = 0; i < BATCH; i++) {
		receiver->vectors[i] =
			(struct iovec){receiver->bytes + i * receiver->stride, receiver->stride};
		receiver->messages[i].msg_hdr = (struct msghdr){.msg_iov = &receiver->vectors[i],
			.msg_iovlen = 1,
			.msg_control = receiver->control[i],
			.msg_controllen = CONTROL_BYTES};
	}
	/* MSG_TRUNC: a datagram may be too long for the buffer, but its length is right. */
	count = recvmmsg(flow->socket, receiver->messages, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (count < 0) {
		/* The error is in the error queue as well, and is counted from there. */
		if (errno != EAGAIN && errno != EINTR)
			errors_receive(thread, flow);
		return 0;
	}
	now = (uint64_t)monotonic_now();
	for (int i = 0; i < count; i++) {
		const struct extras extras = extras_read(&receiver->messages[i].msg_hdr);

		extras_note(flow, &extras);
		reply_take(thread, flow, receiver->bytes + (size_t)i * receiver->stride,
			receiver->messages[i].msg_len, &extras, now);
	}
	return (unsigned int)count;
}

bool receive_all(struct thread *thread, struct flow *flow, bool has_errors)
{
	if (has_errors)
		errors_receive(thread, flow);
	for (unsigned int i = 0; i < ROUNDS; i++)
		if (some_receive(thread, flow) < BATCH)
			return true;
	return false;
}
