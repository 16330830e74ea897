/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The plain path for IPv4, which takes a group of frames at a time. It is written once, with
 * primitives that each instruction set has for itself; lanes.h has them in plain C, and says what
 * they do. The file that includes this one has included the primitives of a set, and defined
 * VARIANT, from which the two functions get their names.
 *
 * read_group() transposes the headers, so that a vector holds one field of every frame, one frame
 * in each lane. Each check of the reference is then an operation or two on all frames. `right` is
 * the mask of the frames that have passed the checks so far.
 */
#define GROUP_JOIN(a, b) a##b
#define GROUP_NAME(a, b) GROUP_JOIN(a, b)
#define GROUP_SET        ((uint32_t)((UINT64_C(1) << GROUP) - 1))
#define GROUP_FUNCTION   static inline __attribute__((always_inline))

/*
 * The next check, after which `right` is MASK. A group of a single frame is finished as soon as one
 * check fails. Of several frames, some nearly always pass, so that asking would cost more than it
 * saves.
 */
#define REQUIRE(mask_)                               \
	do {                                         \
		right = (mask_);                     \
		if (GROUP == 1 && !mask_bits(right)) \
			return 0;                    \
	} while (0)

/* It is read in place of a frame that is too short for the loads, and passes no check. */
static const uint8_t no_frame[PLAIN_LENGTH_MIN];

/* The group of frames from FIRST on: those in SET, and no_frame in place of the others. */
GROUP_FUNCTION uint8_t *const *frames_of(
	const struct plain_frames *frames, unsigned int first, uint32_t set, uint8_t *spare[GROUP])
{
	if (set == GROUP_SET)
		return &frames->data[first];
	for (unsigned int i = 0; i < GROUP; i++)
		spare[i] = set >> i & 1 ? frames->data[first + i] : (uint8_t *)no_frame;
	return spare;
}

/* What identity_owns_ipv4() says of each lane. */
static inline mask group_owns(const struct identity *identity, vec address)
{
	mask ours = mask_none();

	for (unsigned int i = 0; i < identity->ipv4_count; i++)
		ours = mask_or(ours,
			mask_equal(mask_all(), address, vec_set(identity->ipv4[i].address.raw)));
	return ours;
}

/* What identity_refuses_ipv4() says of each lane. */
static inline mask group_refuses(const struct identity *identity, vec source)
{
	const mask all = mask_all();
	const vec network = vec_and(source, vec_set(0xff)); /* the first byte in memory */
	mask wrong = mask_or(
		mask_equal(all, network, vec_set(0)), mask_equal(all, network, vec_set(127)));

	wrong = mask_or(wrong, mask_above(all, network, vec_set(223)));
	for (unsigned int i = 0; i < identity->ipv4_count; i++) {
		const struct identity_ipv4 *local = &identity->ipv4[i];

		wrong = mask_or(wrong, mask_equal(all, source, vec_set(local->address.raw)));
		wrong = mask_or(wrong, mask_equal(all, source, vec_set(local->broadcast.raw)));
	}
	return wrong;
}

/* TTL, protocol and checksum of the replies, as in memory: checksum_update() for NEW_TTL. */
static inline vec group_update_ttl(vec ttl_word, vec new_ttl)
{
	const vec word = vec_set(0xffff);
	const vec after = vec_or(new_ttl, vec_set(IPV4_PROTOCOL_UDP << 8));
	vec sum = vec_xor(vec_right(ttl_word, 16), word);

	sum = vec_add(sum, vec_add(vec_xor(vec_and(ttl_word, word), word), after));
	sum = vec_xor(vec_fold(vec_fold(sum)), word);
	return vec_or(after, vec_left(sum, 16));
}

GROUP_FUNCTION uint32_t read_group(
	const struct identity *identity, struct plain_frames *frames, unsigned int first)
{
	const vec udp_word = vec_set(IPV4_PROTOCOL_UDP << 8);
	const vec our_ttl = vec_set(identity->ttl), one = vec_set(1);
	const vec length = vec_load(&frames->length[first]);
	uint8_t *spare[GROUP];
	uint8_t *const *data = frames_of(frames, first,
		mask_bits(mask_above(mask_all(), length, vec_set(PLAIN_LENGTH_MIN - 1))), spare);
	vec ip[4], udp[4], total_length, udp_length, end, destination_port, ttl, new_ttl;
	mask right, falls;
	uint32_t set, unverified;

	group_columns(data, PLAIN_IP, ip);
	group_columns(data, PLAIN_DESTINATION, udp);
	REQUIRE(group_heads(identity, data));
	REQUIRE(mask_without(right, group_refuses(identity, ip[3])));
	REQUIRE(mask_and(right, group_owns(identity, udp[0])));

	/* The datagram fills the packet, and the packet lies in the frame. */
	total_length = vec_number16(ip[0], 2);
	udp_length = vec_number16(udp[2], 0);
	end = vec_add(total_length, vec_set(PLAIN_IP));
	REQUIRE(mask_equal(
		right, total_length, vec_add(udp_length, vec_set(PLAIN_UDP - PLAIN_IP))));
	REQUIRE(mask_above(right, udp_length, vec_set(sizeof(struct udp_header) - 1)));
	REQUIRE(mask_not_above(right, end, length));
	REQUIRE(mask_not_above(right, total_length, vec_set(frames->mtu)));

	/* The packet is UDP and no fragment: it has neither More Fragments nor an offset. */
	REQUIRE(mask_clear(right, ip[1], vec_set(0xff3f0000)));
	REQUIRE(mask_equal(right, vec_and(ip[2], vec_set(0xff00)), udp_word));
	REQUIRE(group_headers_sum(right, data, ip, udp[0]));

	destination_port = vec_number16(udp[1], 2);
	REQUIRE(mask_serves(right, identity, destination_port));
	REQUIRE(mask_without(
		right, mask_in_set(right, &identity->blocked, vec_number16(udp[1], 0))));

	/* The reply's TTL, as in identity_reply_ttl(): ours, or one less than the request's. */
	ttl = vec_and(ip[2], vec_set(0xff));
	falls = mask_not_above(right, ttl, our_ttl);
	falls = mask_without(falls, mask_in_set(falls, &identity->ttl_kept, destination_port));
	REQUIRE(mask_without(right, mask_not_above(falls, ttl, one)));
	/* Not vec_choose(falls, ttl - 1, our_ttl): clang 14 fails on that with -g. */
	new_ttl = vec_sub(vec_choose(falls, ttl, vec_add(our_ttl, one)), one);

	vec_store(&frames->reply_ttl[first], group_update_ttl(ip[2], new_ttl));
	vec_store(&frames->reply_length[first], end);
	frames->padded |= mask_bits(mask_above(mask_all(), length, end)) << first;

	set = mask_bits(right);
	unverified =
		mask_bits(mask_without(right, mask_clear(right, udp[2], vec_set(0xffff0000)))) &
		~(frames->verified >> first);
	if (unverified != 0)
		set &= ~unverified | mask_bits(group_datagrams_sum(unverified, data,
					     &frames->reply_length[first], udp[2]));
	return set;
}

GROUP_FUNCTION void write_ttl(uint8_t *data, uint32_t ttl)
{
	memcpy(data + PLAIN_TTL, &ttl, sizeof(ttl));
}

/* Writes the replies of a group in which the variant has taken every frame. */
GROUP_FUNCTION void write_group(const struct plain_frames *frames, unsigned int first)
{
	for (unsigned int i = first; i < first + GROUP; i += CHUNK) {
		uint8_t *data[CHUNK];
		uint32_t ttl[CHUNK];

		memcpy(data, &frames->data[i], sizeof(data));
		memcpy(ttl, &frames->reply_ttl[i], sizeof(ttl));
		turn_chunk(data);
		for (unsigned int j = 0; j < CHUNK; j++)
			write_ttl(data[j], ttl[j]);
	}
}

uint32_t GROUP_NAME(plain_read_, VARIANT)(
	const struct identity *identity, struct plain_frames *frames)
{
	uint32_t set = 0;

	frames->padded = 0;
	/* Frames of length 0, which are not plain, fill up the last group. */
	for (unsigned int i = frames->count; i % GROUP != 0; i++)
		frames->length[i] = 0;
	for (unsigned int i = 0; i < frames->count; i += GROUP)
		set |= read_group(identity, frames, i) << i;
	return set;
}

void GROUP_NAME(plain_write_, VARIANT)(const struct plain_frames *frames, uint32_t set)
{
	for (unsigned int first = 0; GROUP > 1 && first < PLAIN_FRAMES_MAX; first += GROUP)
		if ((set >> first & GROUP_SET) == GROUP_SET) {
			write_group(frames, first);
			set &= ~(GROUP_SET << first);
		}
	for (; set != 0; set &= set - 1) {
		const size_t i = (size_t)__builtin_ctz(set);
		uint8_t *const data = frames->data[i];
		const uint32_t ttl = frames->reply_ttl[i];

		turn_frame(data);
		write_ttl(data, ttl);
	}
}
