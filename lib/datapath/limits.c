/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>

#include <rte_atomic.h>
#include <rte_jhash.h>
#include <rte_malloc.h>

#include <udpecho/datapath/limits.h>
#include <udpecho/datapath/memory.h>

#define BUCKETS 65536

/*
 * The credit of a bucket is its tokens times the ticks per second, so that no fraction of a token
 * is lost. Both halves change at once, because several workers may take from one bucket.
 */
union bucket {
	struct {
		uint64_t credit;
		uint64_t time; /* of the last refill */
	};
	rte_int128_t both;
};

struct limits {
	struct limits_config config;
	uint64_t ticks_per_second;
	uint32_t key;
	uint32_t mask;           /* of the prefix */
	struct ip_address mask6; /* the same of IPv6 */
	union bucket icmp, arp,
		neighbour; /* apart, so that a flood of pings can't stop the others */
	union bucket unreachable;
	union bucket echo[BUCKETS];
};

static uint64_t full(const struct limits *limits, const struct rate *rate)
{
	return rate->burst * limits->ticks_per_second;
}

struct limits *limits_create(
	const struct limits_config *config, uint64_t ticks_per_second, uint32_t key, int socket)
{
	const struct ip_address ones = {{{UINT32_MAX}, {UINT32_MAX}, {UINT32_MAX}, {UINT32_MAX}}};
	struct limits *limits = memory_near("limits", sizeof(*limits), socket);

	if (limits == NULL)
		return NULL;
	limits->config = *config;
	limits->ticks_per_second = ticks_per_second;
	limits->key = key;
	limits->mask = config->prefix_length > 0 ? UINT32_MAX << (32 - config->prefix_length) : 0;
	limits->mask6 = ip_address_network(ones, config->prefix6_length);
	limits->icmp.credit = full(limits, &config->icmp_arp);
	limits->arp.credit = full(limits, &config->icmp_arp);
	limits->neighbour.credit = full(limits, &config->icmp_arp);
	limits->unreachable.credit = full(limits, &config->unreachable);
	for (unsigned int i = 0; i < BUCKETS; i++)
		limits->echo[i].credit = full(limits, &config->echo);
	return limits;
}

/* What BUCKET holds at time NOW. */
static union bucket refill(
	const struct limits *limits, const struct rate *rate, union bucket bucket, uint64_t now)
{
	const uint64_t most = full(limits, rate);

	/*
	 * If NOW is a little before the last refill, another worker was quicker, or the frames of a
	 * capture are out of order: the bucket stays as it is. If NOW is far before it, the clock
	 * was set back, and the bucket counts from NOW on.
	 */
	if (bucket.time > now && bucket.time - now > limits->ticks_per_second)
		bucket.time = now;
	if (now > bucket.time) {
		const uint64_t elapsed = now - bucket.time;

		bucket.time = now;
		if (elapsed > (most - bucket.credit) / rate->per_second)
			bucket.credit = most;
		else
			bucket.credit += elapsed * rate->per_second;
	}
	return bucket;
}

/* Takes a token if there is one. An empty bucket need not change: it earns no less later. */
static bool take_token(
	const struct limits *limits, const struct rate *rate, union bucket *bucket, uint64_t now)
{
	union bucket old, new;
	bool is_enough;

	if (rate->per_second == 0)
		return true;
	/* If these halves do not belong together, the exchange fails and gives the right ones. */
	old.credit = __atomic_load_n(&bucket->credit, __ATOMIC_RELAXED);
	old.time = __atomic_load_n(&bucket->time, __ATOMIC_RELAXED);
	do {
		new = refill(limits, rate, old, now);
		is_enough = new.credit >= limits->ticks_per_second;
		if (is_enough)
			new.credit -= limits->ticks_per_second;
		else if (new.time >= old.time)
			new = old; /* it changes nothing, but fails if OLD was wrong */
	} while (!rte_atomic128_cmp_exchange(
		&bucket->both, &old.both, &new.both, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return is_enough;
}

static uint32_t hash_prefix(const struct limits *limits, struct ip_address source)
{
	uint32_t prefix[4];

	if (ip_address_family(source) == IP_FAMILY_IPV4)
		return rte_jhash_1word(
			be32_get(ip_address_ipv4(source)) & limits->mask, limits->key);
	for (unsigned int i = 0; i < 4; i++)
		prefix[i] = source.words[i].raw & limits->mask6.words[i].raw;
	return rte_jhash_32b(prefix, 4, limits->key);
}

static union bucket *bucket_of(struct limits *limits, struct ip_address source)
{
	return &limits->echo[hash_prefix(limits, source) % BUCKETS];
}

enum verdict limits_apply(
	struct limits *limits, enum verdict verdict, const struct datagram *datagram, uint64_t now)
{
	const struct limits_config *config = &limits->config;
	enum verdict otherwise = VERDICT_RATE_LIMIT;
	const struct rate *rate;
	union bucket *bucket;

	switch (verdict) {
#define SERVICE(identifier, name, read, write, verdict, loop, plain) case VERDICT_##verdict:
#include <udpecho/packet/services.def>
#undef SERVICE
		rate = &config->echo;
		bucket = bucket_of(limits, datagram->source);
		break;
	case VERDICT_ICMP_ECHO:
		rate = &config->icmp_arp;
		bucket = &limits->icmp;
		break;
	case VERDICT_ARP_REPLY:
		rate = &config->icmp_arp;
		bucket = &limits->arp;
		break;
	case VERDICT_ND_REPLY:
		rate = &config->icmp_arp;
		bucket = &limits->neighbour;
		break;
	case VERDICT_ICMP_UNREACHABLE:
		rate = &config->unreachable;
		bucket = &limits->unreachable;
		otherwise = VERDICT_UDP_PORT;
		break;
	default: /* what is no reply needs no token */
		return verdict;
	}
	return take_token(limits, rate, bucket, now) ? verdict : otherwise;
}
