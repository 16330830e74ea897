/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

#include "fragment.h"

/*
 * Writes HEADERS bytes of REPLY's headers to FRAGMENT, EXTENSION bytes that are still to be filled,
 * and LENGTH bytes of REPLY's payload from AT on.
 */
static void fill(struct rte_mbuf *fragment, const struct rte_mbuf *reply, uint32_t headers,
	uint32_t extension, uint32_t at, uint32_t length)
{
	uint8_t *data =
		(uint8_t *)rte_pktmbuf_append(fragment, (uint16_t)(headers + extension + length));
	uint8_t *behind = data + headers + extension;
	const void *payload = rte_pktmbuf_read(reply, headers + at, length, behind);

	rte_memcpy(data, rte_pktmbuf_mtod(reply, const uint8_t *), headers);
	if (payload != behind) /* it was contiguous in REPLY, and is not copied yet */
		rte_memcpy(behind, payload, length);
	rte_mbuf_dynfield_copy(fragment, reply);
}

static void set_fragment_ipv6(
	struct ipv6_header *ip, uint32_t identification, uint32_t at, uint32_t length, bool more)
{
	struct ipv6_fragment *header = (struct ipv6_fragment *)(ip + 1);

	*header = (struct ipv6_fragment){
		.next_header = ip->next_header,
		.offset_more = BE16(at | (more ? IPV6_MORE_FRAGMENTS : 0)),
		.identification = BE32(identification),
	};
	ip->next_header = IPV6_FRAGMENT;
	ip->payload_length = BE16(sizeof(*header) + length);
}

static void set_fragment_ipv4(struct ipv4_header *ip, uint32_t at, uint32_t length, bool more)
{
	const uint16_t flags = be16_get(ip->fragment) & IPV4_FLAGS_KEPT;

	ip->total_length = BE16(sizeof(*ip) + length);
	ip->fragment = BE16(flags | (more ? IPV4_MORE_FRAGMENTS : 0) | at / 8);
	ip->checksum = BE16(0);
	ip->checksum = checksum_finish(checksum_add(0, ip, sizeof(*ip)));
}

unsigned int fragment_reply(const struct rte_mbuf *reply, uint32_t offset, uint32_t mtu,
	struct rte_mempool *pool, uint32_t identification,
	struct rte_mbuf *fragments[FRAGMENTS_PER_REPLY_MAX])
{
	const bool is_ipv6 =
		*rte_pktmbuf_mtod_offset(reply, uint8_t *, offset) >> 4 == IPV6_VERSION_NUMBER;
	const uint32_t headers = offset + (uint32_t)(is_ipv6 ? sizeof(struct ipv6_header)
							     : sizeof(struct ipv4_header));
	const uint32_t total = reply->pkt_len - headers;
	const uint32_t room = rte_pktmbuf_data_room_size(pool) - RTE_PKTMBUF_HEADROOM;
	/* No link of IPv6 has a lower MTU (RFC 8200 section 5), whatever the interface was set to.
	 */
	const uint32_t fitting = is_ipv6 ? RTE_MAX(mtu, (uint32_t)IPV6_MTU_MIN) : mtu;
	const uint32_t whole = RTE_MIN(fitting + offset, room) - headers;
	const bool fits = total <= whole;
	const uint32_t extension = is_ipv6 && !fits ? sizeof(struct ipv6_fragment) : 0;
	/* If there are several, each but the last holds a multiple of 8 bytes. */
	const uint32_t most = fits ? whole : (whole - extension) & ~7U;
	const unsigned int count = total == 0 ? 1 : (total + most - 1) / most;

	if (rte_pktmbuf_alloc_bulk(pool, fragments, count) != 0)
		return 0;
	for (unsigned int i = 0; i < count; i++) {
		const uint32_t at = i * most;
		const uint32_t length = RTE_MIN(total - at, most);
		const bool more = i + 1 < count;
		void *ip;

		fill(fragments[i], reply, headers, extension, at, length);
		ip = rte_pktmbuf_mtod_offset(fragments[i], void *, offset);
		if (!fits && is_ipv6)
			set_fragment_ipv6(ip, identification, at, length, more);
		else if (!fits)
			set_fragment_ipv4(ip, at, length, more);
	}
	return count;
}
