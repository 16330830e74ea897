/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include <udpecho/packet/checksum.h>

checksum_sum checksum_add(checksum_sum sum, const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t words;
	uint16_t word;

	/* Each step adds two 16-bit words at once; checksum_fold() adds their carries. */
	/*@ loop invariant length <= \at(length, Pre);
	    loop invariant bytes + length == (const uint8_t *)data + \at(length, Pre);
	    loop assigns words, sum, bytes, length;
	    loop variant length; */
	while (length >= sizeof(words)) {
		memcpy(&words, bytes, sizeof(words));
		sum += words;
		bytes += sizeof(words);
		length -= sizeof(words);
	}
	if (length >= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum += word;
		bytes += sizeof(word);
		length -= sizeof(word);
	}
	if (length > 0) {
		word = 0;
		memcpy(&word, bytes, 1);
		sum += word;
	}
	return sum;
}

checksum_sum checksum_add_odd(checksum_sum sum, const void *data, size_t length)
{
	return sum + __builtin_bswap16(checksum_fold(checksum_add(0, data, length)).raw);
}

checksum_sum checksum_pseudo_header(
	be32_t source, be32_t destination, uint8_t protocol, be16_t length)
{
	return (checksum_sum)source.raw + destination.raw + BE16(protocol).raw + length.raw;
}

checksum_sum checksum_pseudo_header6(const struct ip_address *source,
	const struct ip_address *destination, uint8_t protocol, uint32_t length)
{
	const checksum_sum sum = checksum_add(0, source, sizeof(*source));

	return checksum_add(sum, destination, sizeof(*destination)) + BE16(protocol).raw +
	       BE32(length).raw;
}

be16_t checksum_fold(checksum_sum sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (be16_t){(uint16_t)sum};
}

be16_t checksum_finish(checksum_sum sum)
{
	return (be16_t){(uint16_t)~checksum_fold(sum).raw};
}

be16_t checksum_update(be16_t checksum, be16_t before, be16_t after)
{
	return checksum_finish(
		(checksum_sum)(uint16_t)~checksum.raw + (uint16_t)~before.raw + after.raw);
}
