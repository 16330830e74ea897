/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum (RFC 1071), and its incremental update (RFC 1624). */
#ifndef UDPECHO_CHECKSUM_H
#define UDPECHO_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include <udpecho/packet/wire.h>

/*
 * A one's complement sum that is not folded to 16 bits yet. It adds up 16-bit words as they lie in
 * memory: RFC 1071 section 2(B) shows that this gives the right result in either byte order.
 */
typedef uint64_t checksum_sum;

/**
 * Adds LENGTH bytes at DATA to SUM and returns the result. An odd last byte counts as if a zero
 * byte followed it. A sum of up to 2^32 bytes does not overflow.
 */
checksum_sum checksum_add(checksum_sum sum, const void *data, size_t length);

/**
 * Like checksum_add(), for bytes that follow an odd number of bytes already in SUM. Each of them
 * lies in the other half of its word, so their own sum is swapped before it is added: RFC 1071
 * section 2(B) shows that the sum of swapped words is the swapped sum.
 */
checksum_sum checksum_add_odd(checksum_sum sum, const void *data, size_t length);

/**
 * The sum of the pseudo-header of UDP over IPv4 (RFC 768): both addresses, the protocol, and
 * LENGTH, the UDP length in bytes.
 */
checksum_sum checksum_pseudo_header(
	be32_t source, be32_t destination, uint8_t protocol, be16_t length);

/**
 * The sum of the pseudo-header of upper layers over IPv6 (RFC 8200 8.1): both addresses, LENGTH,
 * the upper-layer packet's length in bytes, and the PROTOCOL.
 */
checksum_sum checksum_pseudo_header6(const struct ip_address *source,
	const struct ip_address *destination, uint8_t protocol, uint32_t length);

/** Folds SUM to 16 bits with end-around carry, and does not complement it. */
be16_t checksum_fold(checksum_sum sum);

/** The value for a checksum field: SUM folded and complemented. */
be16_t checksum_finish(checksum_sum sum);

/**
 * The new value of CHECKSUM after one of the 16-bit words that it covers has changed from BEFORE to
 * AFTER: RFC 1624 section 3, equation 3, HC' = ~(~HC + ~m + m').
 */
be16_t checksum_update(be16_t checksum, be16_t before, be16_t after);

#endif
