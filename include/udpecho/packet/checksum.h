/* SPDX-License-Identifier: BSD-3-Clause */
/* The Internet checksum: RFC 1071, updated incrementally as RFC 1624 says. */
#ifndef UDPECHO_CHECKSUM_H
#define UDPECHO_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#include <udpecho/packet/wire.h>

/*
 * A one's complement sum that is not folded yet. It holds 16-bit words as they lie in memory,
 * which RFC 1071 section 2(B) shows to be right in either byte order.
 */
typedef uint64_t checksum_sum;

/**
 * Adds LENGTH bytes at DATA to SUM; an odd last byte counts as if a zero byte followed it.
 * Sums of up to 2^32 bytes do not overflow.
 */
checksum_sum checksum_add(checksum_sum sum, const void *data, size_t length);

/**
 * As checksum_add(), for bytes that follow an odd number of bytes already summed: RFC 1071
 * section 2(B), the sum of swapped bytes is the swapped sum.
 */
checksum_sum checksum_add_odd(checksum_sum sum, const void *data, size_t length);

/**
 * The pseudo-header of UDP over IPv4 (RFC 768): both addresses, the protocol, and LENGTH, the
 * UDP length, in bytes.
 */
checksum_sum checksum_pseudo_header(
	be32_t source, be32_t destination, uint8_t protocol, be16_t length);

/** Folds SUM to 16 bits with end-around carry; not complemented. */
be16_t checksum_fold(checksum_sum sum);

/** The value for a checksum field: SUM folded and complemented. */
be16_t checksum_finish(checksum_sum sum);

/**
 * CHECKSUM after one of the 16-bit words that it covers changed from BEFORE to AFTER: RFC 1624
 * section 3, equation 3, HC' = ~(~HC + ~m + m').
 */
be16_t checksum_update(be16_t checksum, be16_t before, be16_t after);

#endif
