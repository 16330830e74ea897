/* SPDX-License-Identifier: BSD-3-Clause */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_ethdev.h>

#include <udpecho/control/explain.h>
#include <udpecho/datapath/capture.h>

#include "capture/block.h"

#define COMMENT_MAX 256
#define OTHER_MAX   4096 /* of a section with a filter, or of an interface */

/* Writes, for example, "udp-checksum: header says 0x1234, computes to 0xee46". */
static void comment_on(struct rte_mbuf *copy, char *text, size_t size)
{
	const struct capture_note *note = capture_note(copy);
	FILE *stream = fmemopen(text, size, "w");

	*text = '\0';
	if (stream == NULL)
		return;
	fprintf(stream, "%s: ", verdict_name(note->verdict));
	if (verdict_kind(note->verdict) == VERDICT_KIND_DROP) {
		const struct frame frame = {
			.data = rte_pktmbuf_mtod(copy, uint8_t *),
			.contiguous = copy->data_len,
			.length = note->length,
		};

		explain_drop(&frame, note->verdict, stream);
	} else {
		fputs(verdict_text(note->verdict), stream);
	}
	fclose(stream);
	text[size - 1] = '\0';
}

bool capture_block_interface(struct pcapng_block *block, uint16_t port)
{
	struct pcapng_place place = {0};
	struct rte_eth_dev_info info;
	struct rte_eth_link link;
	struct rte_ether_addr mac;
	char name[IF_NAMESIZE + RTE_ETH_NAME_MAX_LEN], hardware[2 * RTE_DEV_NAME_MAX_LEN];

	snprintf(name, sizeof(name), "dpdk:%u", port);
	place.name = name;
	if (rte_eth_dev_info_get(port, &info) == 0) {
		if (info.if_index > 0)
			if_indextoname(info.if_index, name);
		snprintf(hardware, sizeof(hardware), "%s-%s",
			rte_bus_name(rte_dev_bus(info.device)), rte_dev_name(info.device));
		place.hardware = hardware;
	}
	if (rte_eth_macaddr_get(port, &mac) == 0)
		place.mac = mac.addr_bytes;
	if (rte_eth_link_get_nowait(port, &link) == 0 &&
		link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN)
		place.speed = link.link_speed * UINT64_C(1000000);
	return pcapng_make_interface(block, &place);
}

bool capture_block_make(struct pcapng_block *block, uint32_t interface, struct rte_mbuf *copy,
	const struct clock_point *now, double hz)
{
	const struct capture_note *note = capture_note(copy);
	const bool has_hash = !note->is_sent && (copy->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0;
	char comment[COMMENT_MAX];

	comment_on(copy, comment, sizeof(comment));
	return pcapng_make_packet(block, &(struct pcapng_frame){
						 .interface = interface,
						 .queue = note->tap->queue,
						 .ns = clock_ns_at(now, note->when, hz),
						 .captured = copy->data_len,
						 .length = note->length,
						 .data = rte_pktmbuf_mtod(copy, uint8_t *),
						 .is_sent = note->is_sent,
						 .rss_hash = has_hash ? &copy->hash.rss : NULL,
						 .comment = comment,
					 });
}

size_t capture_block_room(uint32_t snaplen)
{
	return RTE_MAX(OTHER_MAX, (size_t)snaplen + PCAPNG_PACKET_OVERHEAD + COMMENT_MAX);
}
