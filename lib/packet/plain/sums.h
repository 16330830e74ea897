/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Internet checksums over the primitives of an instruction set. What includes it has these, and
 * sum_words(): each lane is the sum of its two 16-bit words, minus SUM_BIAS.
 */

static inline vec vec_fold(vec sum)
{
	if (SUM_BIAS == 0)
		return sum_words(sum);
	return vec_add(vec_and(sum, vec_set(0xffff)), vec_right(sum, 16));
}

static inline mask group_headers_sum(
	mask m, uint8_t *const data[GROUP], const vec ip[4], vec destination)
{
	vec sum = vec_add(vec_add(sum_words(ip[0]), sum_words(ip[1])),
		vec_add(sum_words(ip[2]), sum_words(ip[3])));

	(void)data;
	sum = vec_add(sum, sum_words(destination));
	sum = vec_add(sum, vec_set(5 * SUM_BIAS));
	return mask_equal(m, vec_fold(sum), vec_set(0xffff));
}

/*
 * Where the datagrams are right whose words from the addresses on sum up to WORDS. Adds the rest of
 * the pseudo-header, protocol and length, as they lie in memory.
 */
static inline mask datagrams_sum(vec words, vec udp_length)
{
	words = vec_add(words, vec_set(IPV4_PROTOCOL_UDP << 8));
	words = vec_add(words, vec_and(udp_length, vec_set(0xffff)));
	return mask_equal(mask_all(), vec_fold(words), vec_set(0xffff));
}
