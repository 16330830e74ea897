/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

#include "fragment.h"

/* Writes HEADERS bytes of headers, and LENGTH bytes of REPLY's payload from AT on, to FRAGMENT. */
static void fill(struct rte_mbuf *fragment, const struct rte_mbuf *reply, uint32_t headers,
	uint32_t at, uint32_t length)
{
	uint8_t *data = (uint8_t *)rte_pktmbuf_append(fragment, (uint16_t)(headers + length));
	const void *payload = rte_pktmbuf_read(reply, headers + at, length, data + headers);

	rte_memcpy(data, rte_pktmbuf_mtod(reply, const uint8_t *), headers);
	if (payload != data + headers) /* it was contiguous in REPLY, and is not copied yet */
		rte_memcpy(data + headers, payload, length);
	rte_mbuf_dynfield_copy(fragment, reply);
}

static void set_fragment(struct ipv4_header *ip, uint32_t at, uint32_t length, bool more)
{
	const uint16_t flags = be16_get(ip->fragment) & IPV4_FLAGS_KEPT;

	ip->total_length = BE16(sizeof(*ip) + length);
	ip->fragment = BE16(flags | (more ? IPV4_MORE_FRAGMENTS : 0) | at / 8);
	ip->checksum = BE16(0);
	ip->checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
}

unsigned int fragment_reply(const struct rte_mbuf *reply, uint32_t offset, uint32_t mtu,
	struct rte_mempool *pool, struct rte_mbuf *fragments[FRAGMENTS_PER_REPLY_MAX])
{
	const uint32_t headers = offset + (uint32_t)sizeof(struct ipv4_header);
	const uint32_t total = reply->pkt_len - headers;
	/* If there are several, each but the last holds a multiple of 8 bytes. */
	const uint32_t room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM;
	const uint32_t whole = RTE_MIN(mtu + offset, room) - headers;
	const uint32_t most = total <= whole ? whole : whole & ~7U;
	const unsigned int count = total == 0 ? 1 : (total + most - 1) / most;

	if (rte_pktmbuf_alloc_bulk(pool, fragments, count) != 0)
		return 0;
	for (unsigned int i = 0; i < count; i++) {
		const uint32_t at = i * most;
		const uint32_t length = RTE_MIN(total - at, most);

		fill(fragments[i], reply, headers, at, length);
		if (count > 1)
			set_fragment(
				rte_pktmbuf_mtod_offset(fragments[i], struct ipv4_header *, offset),
				at, length, i + 1 < count);
	}
	return count;
}
