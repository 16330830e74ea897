/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain frames with AVX2, eight at a time. Their headers are transposed, so that each vector holds
 * one field of all eight, a frame a lane; then each check of the reference is an instruction or
 * two. `wrong` gathers what is not as it should be.
 */
#include "plain_x86.h"

#define GROUP 8

/* Sixteen bytes at A in the low half, sixteen at B in the high one. */
static inline __m256i two_of(const uint8_t *a, const uint8_t *b)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)),
		_mm_loadu_si128((const __m128i *)b), 1);
}

/* Of frames i and i + 4, so that transposed ones come out in order. */
static inline __m256i load_two(uint8_t *const data[], unsigned int i, unsigned int offset)
{
	return two_of(data[i] + offset, data[i + 4] + offset);
}

/* Column i then holds the i-th four bytes at OFFSET of each frame, in order. */
static inline void load_columns(uint8_t *const data[], unsigned int offset, __m256i column[4])
{
	const __m256i a = load_two(data, 0, offset), b = load_two(data, 1, offset);
	const __m256i c = load_two(data, 2, offset), d = load_two(data, 3, offset);
	const __m256i ab_low = _mm256_unpacklo_epi32(a, b), ab_high = _mm256_unpackhi_epi32(a, b);
	const __m256i cd_low = _mm256_unpacklo_epi32(c, d), cd_high = _mm256_unpackhi_epi32(c, d);

	column[0] = _mm256_unpacklo_epi64(ab_low, cd_low);
	column[1] = _mm256_unpackhi_epi64(ab_low, cd_low);
	column[2] = _mm256_unpacklo_epi64(ab_high, cd_high);
	column[3] = _mm256_unpackhi_epi64(ab_high, cd_high);
}

/* The big-endian 16 bits at byte 0 or 2 of each lane. */
static inline __m256i number16(__m256i v, int byte)
{
	const int control = (int)0x80800001 + byte * 0x0101;

	return _mm256_shuffle_epi8(
		v, _mm256_add_epi8(_mm256_set1_epi32(control),
			   _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 0, 0, 8, 8, 0, 0, 12, 12, 0, 0, 0, 0,
				   0, 0, 4, 4, 0, 0, 8, 8, 0, 0, 12, 12, 0, 0)));
}

/* Each lane is the sum of its two 16-bit words, less 0x10000: the multiplication is signed. */
static inline __m256i sum_words(__m256i v)
{
	return _mm256_madd_epi16(
		_mm256_xor_si256(v, _mm256_set1_epi16(INT16_MIN)), _mm256_set1_epi16(1));
}

/* A sum of up to 2^31, folded once: 0xffff where it folds to that in the end, and only there. */
static inline __m256i fold(__m256i sum)
{
	return _mm256_add_epi32(
		_mm256_and_si256(sum, _mm256_set1_epi32(0xffff)), _mm256_srli_epi32(sum, 16));
}

static inline __m256i port_set_has_each(const struct port_set *set, __m256i ports)
{
	const __m256i words =
		_mm256_i32gather_epi32((const int *)set->bits, _mm256_srli_epi32(ports, 5), 4);
	const __m256i bits = _mm256_sllv_epi32(
		_mm256_set1_epi32(1), _mm256_and_si256(ports, _mm256_set1_epi32(31)));

	return _mm256_cmpeq_epi32(_mm256_and_si256(words, bits), bits);
}

/* Ethernet: ours, from a single station, IPv4 without options. */
static inline __m256i wrong_heads(const struct identity *identity, uint8_t *const data[])
{
	const __m256i expected = _mm256_broadcastsi128_si256(expected_head(identity));
	const __m256i mask = _mm256_broadcastsi128_si256(expected_head_mask());
	__m256i wrong[4], ab, cd;

	for (unsigned int i = 0; i < 4; i++)
		wrong[i] = _mm256_and_si256(
			_mm256_xor_si256(load_two(data, i, PLAIN_ETH), expected), mask);
	/* As in load_columns(), but the columns need not be told apart. */
	ab = _mm256_or_si256(_mm256_unpacklo_epi32(wrong[0], wrong[1]),
		_mm256_unpackhi_epi32(wrong[0], wrong[1]));
	cd = _mm256_or_si256(_mm256_unpacklo_epi32(wrong[2], wrong[3]),
		_mm256_unpackhi_epi32(wrong[2], wrong[3]));
	return _mm256_or_si256(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
}

static inline __m256i wrong_addresses(
	const struct identity *identity, __m256i source, __m256i destination)
{
	const __m256i network = _mm256_and_si256(source, _mm256_set1_epi32(0xff));
	__m256i ours = _mm256_setzero_si256();
	__m256i wrong = _mm256_or_si256(_mm256_cmpeq_epi32(network, _mm256_setzero_si256()),
		_mm256_or_si256(_mm256_cmpeq_epi32(network, _mm256_set1_epi32(127)),
			_mm256_cmpgt_epi32(network, _mm256_set1_epi32(223))));

	for (unsigned int i = 0; i < identity->address_count; i++) {
		const __m256i address = _mm256_set1_epi32((int)identity->addresses[i].address.raw);
		const __m256i broadcast =
			_mm256_set1_epi32((int)identity->addresses[i].broadcast.raw);

		ours = _mm256_or_si256(ours, _mm256_cmpeq_epi32(destination, address));
		wrong = _mm256_or_si256(wrong, _mm256_or_si256(_mm256_cmpeq_epi32(source, address),
						       _mm256_cmpeq_epi32(source, broadcast)));
	}
	return _mm256_or_si256(wrong, _mm256_xor_si256(ours, _mm256_set1_epi32(-1)));
}

/*
 * The words from the addresses to the END of a frame, in the lanes of one vector: a sum_words() for
 * each 32 bytes that are begun or just ended. It counts from the frame's first byte, so that no
 * load of an aligned frame reaches over two cache lines.
 */
static inline __m256i sum_frame(const uint8_t *data, uint32_t end)
{
	/* From 16 - n on it moves the last n bytes to the front, and fills up with zeros. */
	static const uint8_t last[32] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 128,
		128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128};
	const __m256i addresses_on =
		_mm256_setr_epi32(0, 0, 0, 0, 0, 0, (int)0xffff0000, -1); /* byte 26 */
	__m256i sum, other = _mm256_setzero_si256();
	__m128i tail;

	sum = sum_words(_mm256_and_si256(_mm256_loadu_si256((const __m256i *)data), addresses_on));
	for (data += 32, end -= 32; end >= 64; data += 64, end -= 64) {
		const __m256i *const v = (const __m256i *)data;

		sum = _mm256_add_epi32(sum, sum_words(_mm256_loadu_si256(v)));
		other = _mm256_add_epi32(other, sum_words(_mm256_loadu_si256(v + 1)));
	}
	sum = _mm256_add_epi32(sum, other);
	if (end >= 32) {
		sum = _mm256_add_epi32(sum, sum_words(_mm256_loadu_si256((const __m256i *)data)));
		end -= 32;
		data += 32;
	}
	/* A load that ends with the last byte, so that it reads nothing behind. */
	tail = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + end) - 1),
		_mm_loadu_si128((const __m128i *)(last + 16 - end % 16)));
	if (end >= 16)
		return _mm256_add_epi32(
			sum, sum_words(_mm256_inserti128_si256(_mm256_castsi128_si256(tail),
				     _mm_loadu_si128((const __m128i *)data), 1)));
	return _mm256_add_epi32(sum, sum_words(_mm256_zextsi128_si256(tail)));
}

/* Where the UDP checksums of the frames in SET, whose datagrams end at ENDS, are wrong. */
static inline __m256i wrong_checksums(
	uint8_t *const data[], uint32_t set, const uint32_t ends[GROUP], __m256i udp_length)
{
	const __m256i end = _mm256_loadu_si256((const __m256i *)ends);
	__m256i sum[GROUP], total, low, high;

	for (unsigned int i = 0; i < GROUP; i++)
		sum[i] = set >> i & 1 ? sum_frame(data[i], ends[i]) : _mm256_setzero_si256();
	low = _mm256_hadd_epi32(
		_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
	high = _mm256_hadd_epi32(
		_mm256_hadd_epi32(sum[4], sum[5]), _mm256_hadd_epi32(sum[6], sum[7]));
	total = _mm256_add_epi32(_mm256_permute2x128_si256(low, high, 0x20),
		_mm256_permute2x128_si256(low, high, 0x31));
	/* What sum_words() has taken off, in 8 lanes each. */
	total = _mm256_add_epi32(total, _mm256_add_epi32(_mm256_set1_epi32(8 << 16),
						_mm256_slli_epi32(_mm256_srli_epi32(end, 5), 19)));
	/* The rest of the pseudo-header: protocol and length, as they lie in memory. */
	total = _mm256_add_epi32(total, _mm256_set1_epi32(IPV4_PROTOCOL_UDP << 8));
	total = _mm256_add_epi32(total, _mm256_and_si256(udp_length, _mm256_set1_epi32(0xffff)));
	return _mm256_xor_si256(fold(total), _mm256_set1_epi32(0xffff));
}

static inline uint32_t set_of(__m256i lanes)
{
	return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(lanes));
}

static inline __m256i is_zero(__m256i v)
{
	return _mm256_cmpeq_epi32(v, _mm256_setzero_si256());
}

static inline __attribute__((always_inline)) uint32_t read_group(
	const struct identity *identity, struct plain_frames *frames, unsigned int first)
{
	const __m256i word = _mm256_set1_epi32(0xffff);
	const __m256i our_ttl = _mm256_set1_epi32(identity->ttl);
	const __m256i length = _mm256_loadu_si256((const __m256i *)&frames->length[first]);
	const uint32_t readable =
		set_of(_mm256_cmpgt_epi32(length, _mm256_set1_epi32(PLAIN_LENGTH_MIN - 1)));
	uint8_t *spare[GROUP];
	uint8_t *const *data = &frames->data[first];
	__m256i ip[4], udp[4], sum, total_length, udp_length, end, source_port, destination_port;
	__m256i wrong, ttl, falls, new_ttl, before, after;
	uint32_t set, unverified;

	if (readable != 0xff)
		data = frames_of(frames, readable, first, GROUP, spare);
	load_columns(data, PLAIN_IP, ip);
	load_columns(data, PLAIN_DESTINATION, udp);
	wrong = wrong_heads(identity, data);
	wrong = _mm256_or_si256(wrong, wrong_addresses(identity, ip[3], udp[0]));

	/* Lengths: one datagram that fills the packet, and lies in the frame. */
	total_length = number16(ip[0], 2);
	udp_length = number16(udp[2], 0);
	end = _mm256_add_epi32(total_length, _mm256_set1_epi32(PLAIN_IP));
	wrong = _mm256_or_si256(
		wrong, _mm256_xor_si256(
			       total_length, _mm256_add_epi32(udp_length, _mm256_set1_epi32(20))));
	wrong = _mm256_or_si256(wrong, _mm256_cmpgt_epi32(_mm256_set1_epi32(28), total_length));
	wrong = _mm256_or_si256(wrong,
		_mm256_or_si256(_mm256_cmpgt_epi32(end, length),
			_mm256_cmpgt_epi32(total_length, _mm256_set1_epi32((int)frames->mtu))));

	/* No fragment: neither More Fragments nor an offset. UDP. */
	wrong = _mm256_or_si256(wrong, _mm256_and_si256(ip[1], _mm256_set1_epi32((int)0xff3f0000)));
	wrong = _mm256_or_si256(
		wrong, _mm256_xor_si256(_mm256_and_si256(ip[2], _mm256_set1_epi32(0xff00)),
			       _mm256_set1_epi32(IPV4_PROTOCOL_UDP << 8)));

	/* The header's checksum, over ten words in five lanes. */
	sum = _mm256_add_epi32(_mm256_add_epi32(sum_words(ip[0]), sum_words(ip[1])),
		_mm256_add_epi32(sum_words(ip[2]), sum_words(ip[3])));
	sum = _mm256_add_epi32(sum, sum_words(udp[0]));
	sum = _mm256_add_epi32(sum, _mm256_set1_epi32(5 << 16));
	wrong = _mm256_or_si256(wrong, _mm256_xor_si256(fold(sum), word));

	source_port = number16(udp[1], 0);
	destination_port = number16(udp[1], 2);
	wrong = _mm256_or_si256(wrong, port_set_has_each(&identity->blocked, source_port));
	wrong = _mm256_or_si256(
		wrong, is_zero(port_set_has_each(&identity->served, destination_port)));

	/* The reply's TTL: ours, or where that is no loop guard, one less than the request's. */
	ttl = _mm256_and_si256(ip[2], _mm256_set1_epi32(0xff));
	falls = _mm256_andnot_si256(
		_mm256_or_si256(_mm256_cmpgt_epi32(ttl, our_ttl),
			port_set_has_each(&identity->ttl_kept, destination_port)),
		_mm256_set1_epi32(-1));
	wrong = _mm256_or_si256(
		wrong, _mm256_and_si256(falls, _mm256_cmpgt_epi32(_mm256_set1_epi32(2), ttl)));
	new_ttl = _mm256_blendv_epi8(our_ttl, _mm256_sub_epi32(ttl, _mm256_set1_epi32(1)), falls);

	/* RFC 1624, equation 3, as checksum_update() does it. */
	before = _mm256_and_si256(ip[2], word);
	after = _mm256_or_si256(new_ttl, _mm256_set1_epi32(IPV4_PROTOCOL_UDP << 8));
	sum = _mm256_xor_si256(_mm256_srli_epi32(ip[2], 16), word);
	sum = _mm256_add_epi32(sum, _mm256_add_epi32(_mm256_xor_si256(before, word), after));
	sum = _mm256_xor_si256(fold(fold(sum)), word);
	_mm256_storeu_si256((__m256i *)&frames->reply_ttl[first],
		_mm256_or_si256(after, _mm256_slli_epi32(sum, 16)));
	_mm256_storeu_si256((__m256i *)&frames->reply_length[first], end);
	frames->padded |= set_of(_mm256_cmpgt_epi32(length, end)) << first;

	set = set_of(is_zero(wrong));
	unverified = set & ~(frames->verified >> first) &
		     ~set_of(is_zero(_mm256_srli_epi32(udp[2], 16)));
	if (unverified != 0)
		set &= ~unverified | set_of(is_zero(wrong_checksums(data, unverified,
					     &frames->reply_length[first], udp[2])));
	return set;
}

/* Sixteen bytes at OFFSET of two frames are put into another order. */
static inline void shuffle_two(uint8_t *a, uint8_t *b, unsigned int offset, __m128i order)
{
	const __m256i v = _mm256_shuffle_epi8(
		two_of(a + offset, b + offset), _mm256_broadcastsi128_si256(order));

	_mm_storeu_si128((__m128i *)(a + offset), _mm256_castsi256_si128(v));
	_mm_storeu_si128((__m128i *)(b + offset), _mm256_extracti128_si256(v, 1));
}

/* A group in which every frame is plain. */
static inline void write_group(const struct plain_frames *frames, unsigned int first)
{
	for (unsigned int i = first; i < first + GROUP; i += 2) {
		uint8_t *const a = frames->data[i], *const b = frames->data[i + 1];
		const uint32_t ttl_a = frames->reply_ttl[i], ttl_b = frames->reply_ttl[i + 1];

		shuffle_two(a, b, PLAIN_ETH, swap_macs());
		shuffle_two(a, b, PLAIN_ADDRESSES, swap_ends());
		write_ttl(a, ttl_a);
		write_ttl(b, ttl_b);
	}
}

uint32_t plain_read_avx2(const struct identity *identity, struct plain_frames *frames)
{
	uint32_t set = 0;

	frames->padded = 0;
	fill_group(frames, GROUP);
	for (unsigned int i = 0; i < frames->count; i += GROUP)
		set |= read_group(identity, frames, i) << i;
	return set;
}

void plain_write_avx2(const struct plain_frames *frames, uint32_t set)
{
	for (unsigned int first = 0; first < PLAIN_FRAMES_MAX; first += GROUP)
		if ((set >> first & 0xff) == 0xff) {
			write_group(frames, first);
			set &= ~(UINT32_C(0xff) << first);
		}
	write_replies(frames, set);
}
