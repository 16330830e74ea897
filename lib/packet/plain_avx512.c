/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain frames with AVX-512 (F, BW and VL), sixteen at a time: plain_avx2.c with wider vectors.
 * A check is a comparison under the mask of those that are right so far.
 */
#include "plain_x86.h"

#define GROUP 16

/* Sixteen bytes at each of four places, lane by lane. */
static inline __m512i four_of(
	const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d)
{
	__m512i v = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)a));

	v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)b), 1);
	v = _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)c), 2);
	return _mm512_inserti32x4(v, _mm_loadu_si128((const __m128i *)d), 3);
}

/* Of frames i, i + 4, i + 8 and i + 12, so that transposed ones come out in order. */
static inline __m512i load_four(uint8_t *const data[], unsigned int i, unsigned int offset)
{
	return four_of(data[i] + offset, data[i + 4] + offset, data[i + 8] + offset,
		data[i + 12] + offset);
}

/* Column i then holds the i-th four bytes at OFFSET of each frame, in order. */
static inline void load_columns(uint8_t *const data[], unsigned int offset, __m512i column[4])
{
	const __m512i a = load_four(data, 0, offset), b = load_four(data, 1, offset);
	const __m512i c = load_four(data, 2, offset), d = load_four(data, 3, offset);
	const __m512i ab_low = _mm512_unpacklo_epi32(a, b), ab_high = _mm512_unpackhi_epi32(a, b);
	const __m512i cd_low = _mm512_unpacklo_epi32(c, d), cd_high = _mm512_unpackhi_epi32(c, d);

	column[0] = _mm512_unpacklo_epi64(ab_low, cd_low);
	column[1] = _mm512_unpackhi_epi64(ab_low, cd_low);
	column[2] = _mm512_unpacklo_epi64(ab_high, cd_high);
	column[3] = _mm512_unpackhi_epi64(ab_high, cd_high);
}

/* The big-endian 16 bits in the low or the high half of each lane. */
static inline __m512i number16_low(__m512i v)
{
	return _mm512_shuffle_epi8(v, _mm512_set4_epi32((int)0x80800c0d, (int)0x80800809,
					      (int)0x80800405, (int)0x80800001));
}

static inline __m512i number16_high(__m512i v)
{
	return _mm512_shuffle_epi8(v, _mm512_set4_epi32((int)0x80800e0f, (int)0x80800a0b,
					      (int)0x80800607, (int)0x80800203));
}

/* Each lane is the sum of its two 16-bit words, less 0x10000: the multiplication is signed. */
static inline __m512i sum_words(__m512i v)
{
	return _mm512_madd_epi16(
		_mm512_xor_si512(v, _mm512_set1_epi16(INT16_MIN)), _mm512_set1_epi16(1));
}

/* A sum of up to 2^31, folded once: 0xffff where it folds to that in the end, and only there. */
static inline __m512i fold(__m512i sum)
{
	return _mm512_add_epi32(
		_mm512_and_si512(sum, _mm512_set1_epi32(0xffff)), _mm512_srli_epi32(sum, 16));
}

static inline __mmask16 port_set_has_each(
	const struct port_set *set, __mmask16 lanes, __m512i ports)
{
	const __m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(ports, 5), set->bits, 4);

	return _mm512_mask_test_epi32_mask(lanes, words,
		_mm512_sllv_epi32(
			_mm512_set1_epi32(1), _mm512_and_si512(ports, _mm512_set1_epi32(31))));
}

/* Ethernet: ours, from a single station, IPv4 without options. */
static inline __mmask16 right_heads(const struct identity *identity, uint8_t *const data[])
{
	const __m512i expected = _mm512_broadcast_i32x4(expected_head(identity));
	const __m512i mask = _mm512_broadcast_i32x4(expected_head_mask());
	__m512i wrong[4], ab, cd;

	for (unsigned int i = 0; i < 4; i++)
		wrong[i] = _mm512_and_si512(
			_mm512_xor_si512(load_four(data, i, PLAIN_ETH), expected), mask);
	/* As in load_columns(), but the columns need not be told apart. */
	ab = _mm512_or_si512(_mm512_unpacklo_epi32(wrong[0], wrong[1]),
		_mm512_unpackhi_epi32(wrong[0], wrong[1]));
	cd = _mm512_or_si512(_mm512_unpacklo_epi32(wrong[2], wrong[3]),
		_mm512_unpackhi_epi32(wrong[2], wrong[3]));
	return _mm512_testn_epi32_mask(
		_mm512_or_si512(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd)),
		_mm512_set1_epi32(-1));
}

static inline __mmask16 right_addresses(
	const struct identity *identity, __mmask16 right, __m512i source, __m512i destination)
{
	const __m512i network = _mm512_and_si512(source, _mm512_set1_epi32(0xff));
	__mmask16 ours = 0;

	right = _mm512_mask_test_epi32_mask(right, network, network);
	right = _mm512_mask_cmpneq_epi32_mask(right, network, _mm512_set1_epi32(127));
	right = _mm512_mask_cmplt_epi32_mask(right, network, _mm512_set1_epi32(224));
	for (unsigned int i = 0; i < identity->address_count; i++) {
		const __m512i address = _mm512_set1_epi32((int)identity->addresses[i].address.raw);
		const __m512i broadcast =
			_mm512_set1_epi32((int)identity->addresses[i].broadcast.raw);

		ours |= _mm512_cmpeq_epi32_mask(destination, address);
		right = _mm512_mask_cmpneq_epi32_mask(right, source, address);
		right = _mm512_mask_cmpneq_epi32_mask(right, source, broadcast);
	}
	return right & ours;
}

/*
 * The words from the addresses to the END of a frame, in the lanes of one vector: a sum_words() for
 * each 64 bytes that are begun. It counts from the frame's first byte, so that no load of an
 * aligned frame reaches over two cache lines.
 */
static inline __m512i sum_frame(const uint8_t *data, uint32_t end)
{
	const __mmask64 addresses_on = UINT64_MAX << PLAIN_ADDRESSES;
	__m512i sum, other = _mm512_setzero_si512();

	if (end <= 64)
		return sum_words(
			_mm512_maskz_loadu_epi8(addresses_on & UINT64_MAX >> (64 - end), data));
	sum = sum_words(_mm512_maskz_loadu_epi8(addresses_on, data));
	for (data += 64, end -= 64; end > 128; data += 128, end -= 128) {
		sum = _mm512_add_epi32(sum, sum_words(_mm512_loadu_si512(data)));
		other = _mm512_add_epi32(other, sum_words(_mm512_loadu_si512(data + 64)));
	}
	sum = _mm512_add_epi32(sum, other);
	if (end > 64) {
		sum = _mm512_add_epi32(sum, sum_words(_mm512_loadu_si512(data)));
		end -= 64;
		data += 64;
	}
	return _mm512_add_epi32(
		sum, sum_words(_mm512_maskz_loadu_epi8(UINT64_MAX >> (64 - end), data)));
}

/* Both of two neighbours' halves added up: the lanes then belong to a, b, a, b. */
static inline __m512i add_pairs(__m512i a, __m512i b)
{
	return _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
}

static inline __m512i add_quads(const __m512i v[4])
{
	const __m512i ab = add_pairs(v[0], v[1]), cd = add_pairs(v[2], v[3]);

	return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

static inline __m512i add_blocks(__m512i a, __m512i b)
{
	return _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
}

/* The lanes of each of sixteen vectors added up: lane i is the sum of vector i. */
static inline __m512i add_lanes(const __m512i v[GROUP])
{
	return add_blocks(add_blocks(add_quads(v), add_quads(v + 4)),
		add_blocks(add_quads(v + 8), add_quads(v + 12)));
}

/* Those of SET, whose datagrams end at ENDS, with the right checksums. */
static inline __mmask16 right_checksums(
	uint8_t *const data[], uint32_t set, const uint32_t ends[GROUP], __m512i udp_length)
{
	const __m512i end = _mm512_loadu_si512(ends);
	__m512i sum[GROUP], total;

	for (unsigned int i = 0; i < GROUP; i++)
		sum[i] = set >> i & 1 ? sum_frame(data[i], ends[i]) : _mm512_setzero_si512();
	total = add_lanes(sum);
	/* What sum_words() has taken off, in 16 lanes each. */
	total = _mm512_add_epi32(total,
		_mm512_slli_epi32(
			_mm512_srli_epi32(_mm512_add_epi32(end, _mm512_set1_epi32(63)), 6), 20));
	/* The rest of the pseudo-header: protocol and length, as they lie in memory. */
	total = _mm512_add_epi32(total, _mm512_set1_epi32(IPV4_PROTOCOL_UDP << 8));
	total = _mm512_add_epi32(total, _mm512_and_si512(udp_length, _mm512_set1_epi32(0xffff)));
	return _mm512_cmpeq_epi32_mask(fold(total), _mm512_set1_epi32(0xffff));
}

static inline __attribute__((always_inline)) uint32_t read_group(
	const struct identity *identity, struct plain_frames *frames, unsigned int first)
{
	const __m512i word = _mm512_set1_epi32(0xffff);
	const __m512i udp_word = _mm512_set1_epi32(IPV4_PROTOCOL_UDP << 8);
	const __m512i our_ttl = _mm512_set1_epi32(identity->ttl);
	const __m512i length = _mm512_loadu_si512(&frames->length[first]);
	const __mmask16 readable =
		_mm512_cmpge_epi32_mask(length, _mm512_set1_epi32(PLAIN_LENGTH_MIN));
	uint8_t *spare[GROUP];
	uint8_t *const *data = &frames->data[first];
	__m512i ip[4], udp[4], sum, total_length, udp_length, end, destination_port;
	__m512i ttl, after;
	__mmask16 right, falls;
	uint32_t unverified;

	if (readable != 0xffff)
		data = frames_of(frames, readable, first, GROUP, spare);
	load_columns(data, PLAIN_IP, ip);
	load_columns(data, PLAIN_DESTINATION, udp);
	right = right_heads(identity, data);
	right = right_addresses(identity, right, ip[3], udp[0]);

	/* Lengths: one datagram that fills the packet, and lies in the frame. */
	total_length = number16_high(ip[0]);
	udp_length = number16_low(udp[2]);
	end = _mm512_add_epi32(total_length, _mm512_set1_epi32(PLAIN_IP));
	right = _mm512_mask_cmpeq_epi32_mask(
		right, total_length, _mm512_add_epi32(udp_length, _mm512_set1_epi32(20)));
	right = _mm512_mask_cmpge_epi32_mask(right, total_length, _mm512_set1_epi32(28));
	right = _mm512_mask_cmple_epi32_mask(right, end, length);
	right = _mm512_mask_cmple_epi32_mask(
		right, total_length, _mm512_set1_epi32((int)frames->mtu));

	/* No fragment: neither More Fragments nor an offset. UDP. */
	right = _mm512_mask_testn_epi32_mask(right, ip[1], _mm512_set1_epi32((int)0xff3f0000));
	right = _mm512_mask_cmpeq_epi32_mask(
		right, _mm512_and_si512(ip[2], _mm512_set1_epi32(0xff00)), udp_word);

	/* The header's checksum, over ten words in five lanes. */
	sum = _mm512_add_epi32(_mm512_add_epi32(sum_words(ip[0]), sum_words(ip[1])),
		_mm512_add_epi32(sum_words(ip[2]), sum_words(ip[3])));
	sum = _mm512_add_epi32(sum, sum_words(udp[0]));
	sum = _mm512_add_epi32(sum, _mm512_set1_epi32(5 << 16));
	right = _mm512_mask_cmpeq_epi32_mask(right, fold(sum), word);

	destination_port = number16_high(udp[1]);
	right = port_set_has_each(&identity->served, right, destination_port);
	right &= ~port_set_has_each(&identity->blocked, right, number16_low(udp[1]));

	/* The reply's TTL: ours, or where that is no loop guard, one less than the request's. */
	ttl = _mm512_and_si512(ip[2], _mm512_set1_epi32(0xff));
	falls = _mm512_mask_cmple_epi32_mask(right, ttl, our_ttl);
	falls &= ~port_set_has_each(&identity->ttl_kept, falls, destination_port);
	right &= ~_mm512_mask_cmple_epi32_mask(falls, ttl, _mm512_set1_epi32(1));

	/* RFC 1624, equation 3, as checksum_update() does it. */
	after = _mm512_or_si512(
		_mm512_mask_sub_epi32(our_ttl, falls, ttl, _mm512_set1_epi32(1)), udp_word);
	sum = _mm512_xor_si512(_mm512_srli_epi32(ip[2], 16), word);
	sum = _mm512_add_epi32(sum, _mm512_andnot_si512(ip[2], word));
	sum = _mm512_add_epi32(sum, after);
	sum = _mm512_xor_si512(fold(fold(sum)), word);
	_mm512_storeu_si512(
		&frames->reply_ttl[first], _mm512_or_si512(after, _mm512_slli_epi32(sum, 16)));
	_mm512_storeu_si512(&frames->reply_length[first], end);
	frames->padded |= (uint32_t)_mm512_cmplt_epi32_mask(end, length) << first;

	unverified =
		_mm512_mask_test_epi32_mask(right, udp[2], _mm512_set1_epi32((int)0xffff0000)) &
		~(frames->verified >> first);
	if (unverified != 0)
		right &= (__mmask16)(~unverified | right_checksums(data, unverified,
							   &frames->reply_length[first], udp[2]));
	return right;
}

/* Sixteen bytes at OFFSET of four frames are put into another order. */
static inline void shuffle_four(uint8_t *const frame[4], unsigned int offset, __m128i order)
{
	const __m512i v = _mm512_shuffle_epi8(
		four_of(frame[0] + offset, frame[1] + offset, frame[2] + offset, frame[3] + offset),
		_mm512_broadcast_i32x4(order));

	_mm_storeu_si128((__m128i *)(frame[0] + offset), _mm512_castsi512_si128(v));
	_mm_storeu_si128((__m128i *)(frame[1] + offset), _mm512_extracti32x4_epi32(v, 1));
	_mm_storeu_si128((__m128i *)(frame[2] + offset), _mm512_extracti32x4_epi32(v, 2));
	_mm_storeu_si128((__m128i *)(frame[3] + offset), _mm512_extracti32x4_epi32(v, 3));
}

/* A group in which every frame is plain. */
static inline void write_group(const struct plain_frames *frames, unsigned int first)
{
	for (unsigned int i = first; i < first + GROUP; i += 4) {
		uint8_t *const four[4] = {frames->data[i], frames->data[i + 1], frames->data[i + 2],
			frames->data[i + 3]};
		const uint32_t ttl[4] = {frames->reply_ttl[i], frames->reply_ttl[i + 1],
			frames->reply_ttl[i + 2], frames->reply_ttl[i + 3]};

		shuffle_four(four, PLAIN_ETH, swap_macs());
		shuffle_four(four, PLAIN_ADDRESSES, swap_ends());
		for (unsigned int j = 0; j < 4; j++)
			write_ttl(four[j], ttl[j]);
	}
}

uint32_t plain_read_avx512(const struct identity *identity, struct plain_frames *frames)
{
	uint32_t set = 0;

	frames->padded = 0;
	fill_group(frames, GROUP);
	for (unsigned int i = 0; i < frames->count; i += GROUP)
		set |= read_group(identity, frames, i) << i;
	return set;
}

void plain_write_avx512(const struct plain_frames *frames, uint32_t set)
{
	for (unsigned int first = 0; first < PLAIN_FRAMES_MAX; first += GROUP)
		if ((set >> first & 0xffff) == 0xffff) {
			write_group(frames, first);
			set &= ~(UINT32_C(0xffff) << first);
		}
	write_replies(frames, set);
}
