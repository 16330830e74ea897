/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Contracts, in ACSL, of the functions that Eva takes at their word: sums, which run over bytes
 * without a bound that an interval could hold. WP proves that the bodies keep them, but for those
 * of ipv6_skip_extensions() and message_is_whole(), of which nothing is proved yet.
 */
#ifndef PROOF_CONTRACTS_H
#define PROOF_CONTRACTS_H

#include <udpecho/packet/packet.h>

/*@ requires readable: \valid_read((uint8_t *)data + (0 .. length - 1));
    requires written: \initialized((uint8_t *)data + (0 .. length - 1));
    assigns \result \from sum, ((uint8_t *)data)[0 .. length - 1]; */
checksum_sum checksum_add(checksum_sum sum, const void *data, size_t length);

/*@ requires readable: \valid_read((uint8_t *)data + (0 .. length - 1));
    requires written: \initialized((uint8_t *)data + (0 .. length - 1));
    assigns \result \from sum, ((uint8_t *)data)[0 .. length - 1]; */
checksum_sum checksum_add_odd(checksum_sum sum, const void *data, size_t length);

/*@ assigns \result \from source, destination, protocol, length; */
checksum_sum checksum_pseudo_header(
	be32_t source, be32_t destination, uint8_t protocol, be16_t length);

/*@ assigns \result \from sum; */
be16_t checksum_fold(checksum_sum sum);

/*@ assigns \result \from sum; */
be16_t checksum_finish(checksum_sum sum);

/*@ assigns \result \from checksum, before, after; */
be16_t checksum_update(be16_t checksum, be16_t before, be16_t after);

/* The segments from SEGMENT on are there, and hold as many BYTES at least. */
/* clang-format off */
/*@ inductive segments_hold{L}(struct segment *segment, integer bytes) {
      case nothing{L}: \forall struct segment *segment, integer bytes;
        bytes <= 0 ==> segments_hold(segment, bytes);
      case more{L}: \forall struct segment *segment, integer bytes;
        bytes > 0 && \valid_read(segment) &&
          \valid_read(segment->data + (0 .. segment->length - 1)) &&
          segments_hold(segment + 1, bytes - segment->length) ==> segments_hold(segment, bytes);
    } */
/* clang-format on */

/*@ requires inside: offset <= frame->contiguous;
    requires readable: \valid_read(frame->data + (0 .. frame->contiguous - 1));
    requires written: \initialized(frame->data + (0 .. frame->contiguous - 1));
    assigns \result \from frame->data[0 .. frame->contiguous - 1], indirect:*frame, offset, length,
      sum; */
checksum_sum frame_checksum(
	const struct frame *frame, uint32_t offset, uint32_t length, checksum_sum sum);

/*@ requires readable: \valid_read(options + (0 .. length - 1));
    requires written: \initialized(options + (0 .. length - 1));
    assigns \result \from options[0 .. length - 1];
    ensures \result == 0 || \result == 1; */
static bool options_are_refused(const uint8_t *options, uint32_t length);

/*@ requires inside: packet->payload <= frame->contiguous && packet->fragment == 0;
    requires readable: \valid_read(frame->data + (0 .. frame->contiguous - 1));
    requires written: \initialized(frame->data + (0 .. frame->contiguous - 1));
    assigns \result, packet->payload, packet->payload_length, packet->fragment, packet->protocol,
      *verdict \from indirect:frame->data[0 .. frame->contiguous - 1], indirect:*frame,
      indirect:*packet;
    ensures \result == 0 || \result == 1;
    ensures \initialized(verdict);
    ensures *verdict == VERDICT_IP_OPTIONS || *verdict == VERDICT_IP_FRAGMENT;
    ensures \old(packet->payload) <= packet->payload;
    ensures packet->payload <= frame->contiguous;
    ensures packet->payload_length <= \old(packet->payload_length);
    ensures packet->fragment == 0 ||
      \old(packet->payload) <= packet->fragment <= frame->contiguous - 8; */
bool ipv6_skip_extensions(
	const struct frame *frame, struct ip_packet *packet, enum verdict *verdict);

/*@ requires inside: packet->payload <= frame->contiguous;
    requires readable: \valid_read(frame->data + (0 .. frame->contiguous - 1));
    requires written: \initialized(frame->data + (0 .. frame->contiguous - 1));
    assigns \result, *has_source \from indirect:frame->data[0 .. frame->contiguous - 1],
      indirect:*frame, indirect:*packet;
    ensures \initialized(has_source);
    ensures *has_source == 0 || *has_source == 1;
    ensures \result == 0 || (\result == 1 && packet->payload <= frame->contiguous - 24); */
static bool message_is_whole(
	const struct frame *frame, const struct ip_packet *packet, bool *has_source);

#endif
