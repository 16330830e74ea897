/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <sys/queue.h>

#include <rte_jhash.h>
#include <rte_malloc.h>

#include <udpecho/datapath/counters.h>
#include <udpecho/datapath/memory.h>

#include <udpecho/datapath/reassembly.h>

#include "fragment_list.h"

#define ENTRIES         1024
/*
 * RFC 1122 3.3.2 would wait a minute or two, for the slow links of its day, and an attacker could
 * hold memory for as long. Today the fragments of a datagram arrive within milliseconds.
 */
#define TIMEOUT_SECONDS 5
/*
 * One source may hold half of the entries and half of the mbufs, but always enough mbufs for the
 * longest datagram. A hash with a secret key gives each source its share, so that a flood can't
 * choose whose share it fills.
 */
#define SHARES          1024
#define SHARE_ENTRIES   (ENTRIES / 2)

struct key {
	/* A VLAN is a network of its own. rte_jhash() wants all to be aligned. */
	_Alignas(uint32_t) uint8_t tags[ETH_TAGS_MAX * sizeof(struct vlan_tag)];
	struct ip_address source;
	struct ip_address destination;
	be32_t identification;
	be16_t protocol; /* of IPv4; in IPv6, that of the first fragment counts (RFC 8200 4.5) */
	be16_t family;
};

/* A datagram that is not whole yet. */
struct entry {
	TAILQ_ENTRY(entry) by_age;
	TAILQ_ENTRY(entry) by_share;
	LIST_ENTRY(entry) by_hash;
	struct key key;
	uint64_t created;
	struct share *share; /* of its source */
	bool condemned;      /* fragments contradicted each other; the rest are refused */
	struct fragment_list list;
};

TAILQ_HEAD(entry_queue, entry);
LIST_HEAD(entry_list, entry);

/* What the sources with the same hash hold. */
struct share {
	struct entry_queue waiting; /* oldest first */
	unsigned int entries;
	unsigned int mbufs;
};

struct reassembly {
	uint64_t timeout; /* in ticks */
	unsigned int mbufs;
	unsigned int mbufs_max;
	unsigned int share_mbufs_max;
	struct counters *counters;
	uint32_t hash_key;
	struct entry_queue unused;
	struct entry_queue waiting; /* oldest first */
	struct share shares[SHARES];
	struct entry_list buckets[ENTRIES];
	struct entry entries[ENTRIES];
};

struct reassembly *reassembly_create(uint64_t ticks_per_second, unsigned int mbufs_max,
	struct counters *counters, uint32_t key, int socket)
{
	struct reassembly *table = memory_near("reassembly", sizeof(*table), socket);

	if (table == NULL)
		return NULL;
	table->timeout = TIMEOUT_SECONDS * ticks_per_second;
	table->mbufs_max = mbufs_max;
	table->share_mbufs_max = RTE_MAX(mbufs_max / 2, RTE_MIN(mbufs_max, FRAGMENTS_MAX));
	table->counters = counters;
	table->hash_key = key;
	TAILQ_INIT(&table->unused);
	TAILQ_INIT(&table->waiting);
	for (unsigned int i = 0; i < SHARES; i++)
		TAILQ_INIT(&table->shares[i].waiting);
	for (unsigned int i = 0; i < ENTRIES; i++)
		TAILQ_INSERT_TAIL(&table->unused, &table->entries[i], by_age);
	return table;
}

static struct entry_list *bucket_of(struct reassembly *table, const struct key *key)
{
	return &table->buckets[rte_jhash(key, sizeof(*key), table->hash_key) % ENTRIES];
}

static struct share *share_of(struct reassembly *table, const struct ip_address *source)
{
	return &table->shares[rte_jhash(source, sizeof(*source), table->hash_key) % SHARES];
}

/* Stops counting the mbufs that ENTRY holds, which the table will not hold any more. */
static void discount(struct reassembly *table, const struct entry *entry)
{
	for (unsigned int i = 0; i < entry->list.count; i++) {
		table->mbufs -= entry->list.fragments[i].frame->nb_segs;
		entry->share->mbufs -= entry->list.fragments[i].frame->nb_segs;
	}
}

/* Frees the fragments that ENTRY holds, except for KEPT, which belongs to the caller. */
static void give_up(struct reassembly *table, struct entry *entry, const struct rte_mbuf *kept)
{
	discount(table, entry);
	for (unsigned int i = 0; i < entry->list.count; i++) {
		if (entry->list.fragments[i].frame == kept)
			continue;
		rte_pktmbuf_free(entry->list.fragments[i].frame);
		counter_add(&table->counters->fragments_expired, 1);
	}
	entry->list.count = 0;
}

static void retire(struct reassembly *table, struct entry *entry)
{
	LIST_REMOVE(entry, by_hash);
	TAILQ_REMOVE(&table->waiting, entry, by_age);
	TAILQ_REMOVE(&entry->share->waiting, entry, by_share);
	entry->share->entries--;
	TAILQ_INSERT_TAIL(&table->unused, entry, by_age);
}

/* Drops a datagram before its time, because others need the room. */
static void evict(struct reassembly *table, struct entry *entry)
{
	counter_add(&table->counters->fragments_evicted, entry->list.count);
	give_up(table, entry, NULL);
	retire(table, entry);
}

/* If the clock was set back, the datagrams must not wait, and take room, until it has caught up. */
static void wait_again(struct reassembly *table, uint64_t now)
{
	struct entry *entry;

	TAILQ_FOREACH(entry, &table->waiting, by_age)
	entry->created = now;
}

void reassembly_expire(struct reassembly *table, uint64_t now)
{
	struct entry *entry;

	while ((entry = TAILQ_FIRST(&table->waiting)) != NULL) {
		if (now < entry->created && entry->created - now > table->timeout)
			wait_again(table, now);
		if (now < entry->created || now - entry->created < table->timeout)
			return;
		give_up(table, entry, NULL);
		retire(table, entry);
	}
}

void reassembly_free(struct reassembly *table)
{
	struct entry *entry;

	if (table == NULL)
		return;
	while ((entry = TAILQ_FIRST(&table->waiting)) != NULL) {
		give_up(table, entry, NULL);
		retire(table, entry);
	}
	rte_free(table);
}

static struct key key_of(const uint8_t *data, const struct ip_packet *packet)
{
	const struct ipv4_header *ipv4 = (const struct ipv4_header *)(data + packet->offset);
	const struct ipv6_header *ipv6 = (const struct ipv6_header *)(data + packet->offset);
	const struct ipv6_fragment *header =
		(const struct ipv6_fragment *)(data + packet->fragment);
	const uint32_t tags = packet->offset - (uint32_t)sizeof(struct eth_header);
	struct key key = {.family = BE16(packet->family)};

	memcpy(key.tags, data + offsetof(struct eth_header, type), tags);
	if (packet->family == IP_FAMILY_IPV6) {
		key.source = ipv6->source;
		key.destination = ipv6->destination;
		key.identification = header->identification;
	} else {
		key.source = ip_address_of_ipv4(ipv4->source);
		key.destination = ip_address_of_ipv4(ipv4->destination);
		key.identification = BE32(be16_get(ipv4->identification));
		key.protocol = BE16(packet->protocol);
	}
	return key;
}

static struct fragment fragment_of(struct rte_mbuf *frame, const struct ip_packet *packet)
{
	const uint8_t *header = rte_pktmbuf_mtod_offset(frame, const uint8_t *, packet->fragment);
	struct fragment fragment = {.payload = packet->payload, .frame = frame};
	uint16_t flags;

	if (packet->family == IP_FAMILY_IPV6) {
		flags = be16_get(((const struct ipv6_fragment *)header)->offset_more);
		fragment.first = flags & IPV6_OFFSET_MASK;
		fragment.last = !(flags & IPV6_MORE_FRAGMENTS);
	} else {
		flags = be16_get(((const struct ipv4_header *)header)->fragment);
		fragment.first = (flags & IPV4_OFFSET_MASK) * 8U;
		fragment.last = !(flags & IPV4_MORE_FRAGMENTS);
	}
	fragment.end = fragment.first + packet->payload_length;
	return fragment;
}

/*
 * The entry of the datagram with KEY, which is a new one if there is none yet. If there is no room
 * for it, the oldest datagram is evicted: of the same source if that has used up its share, or else
 * of all. So even in a flood, a datagram whose fragments follow each other closely is answered.
 */
static struct entry *find_or_make(struct reassembly *table, const struct key *key, uint64_t now)
{
	struct entry_list *bucket = bucket_of(table, key);
	struct share *share = share_of(table, &key->source);
	struct entry *entry;

	LIST_FOREACH(entry, bucket, by_hash)
	if (memcmp(&entry->key, key, sizeof(*key)) == 0)
		return entry;
	if (share->entries == SHARE_ENTRIES)
		evict(table, TAILQ_FIRST(&share->waiting));
	else if (TAILQ_EMPTY(&table->unused))
		evict(table, TAILQ_FIRST(&table->waiting));
	entry = TAILQ_FIRST(&table->unused);
	TAILQ_REMOVE(&table->unused, entry, by_age);
	TAILQ_INSERT_TAIL(&table->waiting, entry, by_age);
	TAILQ_INSERT_TAIL(&share->waiting, entry, by_share);
	share->entries++;
	entry->share = share;
	LIST_INSERT_HEAD(bucket, entry, by_hash);
	entry->key = *key;
	entry->created = now;
	entry->condemned = false;
	fragment_list_clear(&entry->list);
	return entry;
}

/*
 * Makes room for COUNT more mbufs of the datagram in ENTRY: evicts other datagrams, the oldest of
 * its source first, and then the oldest of all. Returns false if that does not give enough room.
 */
static bool make_room(struct reassembly *table, struct entry *entry, unsigned int count)
{
	struct share *share = entry->share;
	struct entry *oldest;

	while (share->mbufs + count > table->share_mbufs_max) {
		oldest = TAILQ_FIRST(&share->waiting);
		if (oldest == entry)
			oldest = TAILQ_NEXT(oldest, by_share);
		if (oldest == NULL)
			return false;
		evict(table, oldest);
	}
	while (table->mbufs + count > table->mbufs_max) {
		oldest = TAILQ_FIRST(&table->waiting);
		if (oldest == entry)
			oldest = TAILQ_NEXT(oldest, by_age);
		if (oldest == NULL)
			return false;
		evict(table, oldest);
	}
	return true;
}

/* Turns the IPv4 header of the first fragment into that of the whole datagram. */
static void set_whole_ipv4(struct rte_mbuf *whole, uint32_t offset, uint32_t header_length)
{
	struct ipv4_header *ip = rte_pktmbuf_mtod_offset(whole, struct ipv4_header *, offset);

	ip->total_length = BE16(whole->pkt_len - offset);
	ip->fragment = BE16(be16_get(ip->fragment) & ~IPV4_MORE_FRAGMENTS);
	ip->checksum = BE16(0);
	ip->checksum = checksum_finish(checksum_add(0, ip, header_length));
}

/*
 * Likewise in IPv6, where the header is HEADER_LENGTH bytes long with its extension headers, of
 * which the last is that of the fragment. All of them have done their work, and are removed.
 */
static void set_whole_ipv6(struct rte_mbuf *whole, uint32_t offset, uint32_t header_length)
{
	const uint32_t kept = offset + (uint32_t)sizeof(struct ipv6_header);
	const uint32_t gap = offset + header_length - kept;
	uint8_t *data = rte_pktmbuf_mtod(whole, uint8_t *);
	const struct ipv6_fragment *last =
		(const struct ipv6_fragment *)(data + offset + header_length) - 1;
	const uint8_t protocol = last->next_header;
	struct ipv6_header *ip;

	memmove(data + gap, data, kept);
	rte_pktmbuf_adj(whole, (uint16_t)gap);
	ip = (struct ipv6_header *)(data + gap + offset);
	ip->payload_length = BE16(whole->pkt_len - kept);
	ip->next_header = protocol;
}

bool reassembly_add(struct reassembly *table, struct rte_mbuf **frame,
	const struct ip_packet *packet, uint64_t now, enum verdict *verdict)
{
	const struct key key = key_of(rte_pktmbuf_mtod(*frame, const uint8_t *), packet);
	const struct fragment fragment = fragment_of(*frame, packet);
	const bool is_ipv6 = packet->family == IP_FAMILY_IPV6;
	uint32_t header_length;
	struct entry *entry;

	*verdict = VERDICT_IP_FRAGMENT;
	reassembly_expire(table, now);
	entry = find_or_make(table, &key, now);
	if (entry->condemned || fragment_list_has(&entry->list, &fragment) ||
		entry->list.count == FRAGMENTS_MAX)
		return false;
	if (fragment_list_contradicts(&entry->list, &fragment)) {
		give_up(table, entry, NULL);
		entry->condemned = true;
		return false;
	}
	if (!make_room(table, entry, (*frame)->nb_segs))
		return false;
	fragment_list_add(&entry->list, &fragment);
	table->mbufs += (*frame)->nb_segs;
	entry->share->mbufs += (*frame)->nb_segs;
	*verdict = VERDICT_IP_FRAGMENT_KEPT;
	if (!fragment_list_is_whole(&entry->list))
		return false;

	/* The datagram is whole. With the IPv4 header, it may be longer than 65,535 bytes. */
	header_length = entry->list.fragments[0].payload - packet->offset;
	retire(table, entry);
	if (!is_ipv6 && header_length + entry->list.end > IPV4_LENGTH_MAX) {
		give_up(table, entry, *frame);
		*verdict = VERDICT_IP_FRAGMENT;
		return false;
	}
	discount(table, entry);
	rte_mbuf_dynfield_copy(entry->list.fragments[0].frame, *frame); /* the time in a replay */
	*frame = fragment_list_join(&entry->list);
	(is_ipv6 ? set_whole_ipv6 : set_whole_ipv4)(*frame, packet->offset, header_length);
	return true;
}
