/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The least that an echo server can be: in the kernel's driver, UDP port 7 of IPv4 without options
 * goes back with its addresses swapped, and all else on to the stack. Checks nothing more. Swapping
 * leaves both checksums valid.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
} __attribute__((packed));

#define SWAP(left, right)                        \
	do {                                     \
		__typeof__(left) swapped = left; \
		left = right;                    \
		right = swapped;                 \
	} while (0)

SEC("xdp")
int echo(struct xdp_md *context)
{
	struct headers *frame = (void *)(long)context->data;
	unsigned char mac[ETH_ALEN];

	if ((void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_PASS;
	if (frame->eth.h_proto != bpf_htons(ETH_P_IP) || frame->ip.version != 4 ||
		frame->ip.ihl != 5 || frame->ip.protocol != IPPROTO_UDP ||
		(frame->ip.frag_off & bpf_htons(0x3fff)) != 0 || frame->udp.dest != bpf_htons(7))
		return XDP_PASS;
	__builtin_memcpy(mac, frame->eth.h_dest, ETH_ALEN);
	__builtin_memcpy(frame->eth.h_dest, frame->eth.h_source, ETH_ALEN);
	__builtin_memcpy(frame->eth.h_source, mac, ETH_ALEN);
	SWAP(frame->ip.saddr, frame->ip.daddr);
	SWAP(frame->udp.source, frame->udp.dest);
	return XDP_TX;
}

/* For the client's end: veth delivers what XDP_TX sends only where a program receives too. */
SEC("xdp.pass")
int pass(struct xdp_md *context)
{
	(void)context;
	return XDP_PASS;
}

char licence[] SEC("license") = "Dual BSD/GPL";
