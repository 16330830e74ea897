/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the functions of lib/packet promise each other about lengths, for WP: frames of any length,
 * cut anywhere. Together they give the precondition of every frame_checksum(), and that no echo is
 * longer than its request.
 */
#ifndef PROOF_LENGTHS_H
#define PROOF_LENGTHS_H

#include "contracts.h"

/*@ predicate frame_is_sound(struct frame *frame) =
      \valid_read(frame) && frame->contiguous <= frame->length;

    predicate packet_is_sound(struct frame *frame, struct ip_packet *packet) =
      (packet->family == IP_FAMILY_IPV4 || packet->family == IP_FAMILY_IPV6) &&
      packet->offset <= 22 &&
      packet->offset + (packet->family == IP_FAMILY_IPV6 ? 40 : 20) <= packet->payload &&
      packet->payload <= frame->contiguous &&
      packet->payload + packet->payload_length <= frame->length;

    predicate datagram_is_sound(struct frame *frame, struct datagram *datagram) =
      packet_is_sound(frame, &datagram->packet) &&
      datagram->packet.payload + 8 <= frame->contiguous &&
      8 <= datagram->length <= datagram->packet.payload_length;

    predicate has_room(struct frame *frame, struct ip_packet *packet) =
      frame->headroom >= (packet->family == IP_FAMILY_IPV6 ? 48 : 28);

    predicate is_solicitation(struct frame *frame, struct ip_packet *packet) =
      packet_is_sound(frame, packet) && packet->family == IP_FAMILY_IPV6 &&
      packet->payload_length >= 24 && packet->payload + 24 <= frame->contiguous &&
      frame->headroom >= packet->offset + 72 - frame->contiguous; */

/*@ assigns \nothing; */
static inline uint16_t be16_get(be16_t value);
/*@ assigns \nothing; */
static inline uint32_t be32_get(be32_t value);
/*@ assigns \nothing; */
static inline bool be16_equal(be16_t a, be16_t b);
/*@ assigns \nothing; */
static inline bool be32_equal(be32_t a, be32_t b);
/*@ assigns \nothing; */
static inline struct ip_address ip_address_of_ipv4(be32_t address);
/*@ assigns \nothing; */
static inline be32_t ip_address_ipv4(struct ip_address address);
/*@ assigns \nothing; */
static inline bool ip_address_is_group6(struct ip_address address);
/*@ assigns \nothing; */
static inline bool ip_address_is_unspecified6(struct ip_address address);
/*@ assigns \nothing; */
static inline struct ip_address ip_packet_source(
	const struct frame *frame, const struct ip_packet *packet);
/*@ assigns \nothing; */
static inline bool mac_equal(const struct mac_address *a, const struct mac_address *b);
/*@ assigns \nothing; */
static inline bool mac_is_group(const struct mac_address *mac);
/*@ assigns \nothing; */
static inline bool port_set_has(const struct port_set *set, be16_t port);
/*@ assigns \nothing; */
static inline bool identity_owns_ipv4(const struct identity *identity, be32_t address);
/*@ assigns \nothing; */
static inline bool identity_refuses_ipv4(const struct identity *identity, be32_t source);
/*@ assigns \nothing; */
static inline bool identity_owns_ipv6(const struct identity *identity, struct ip_address address);
/*@ assigns \nothing; */
static inline bool identity_joined_ipv6(const struct identity *identity, struct ip_address group);
/*@ assigns \nothing; */
static inline bool identity_joined_mac(
	const struct identity *identity, const struct mac_address *mac);
/*@ assigns \nothing; */
static inline bool identity_refuses_ipv6(
	const struct identity *identity, struct ip_address source, struct ip_address destination);
/*@ assigns \nothing; */
static inline uint8_t identity_reply_ttl(const struct identity *identity, uint8_t ttl, be16_t port);

/*@ assigns \nothing; */
checksum_sum checksum_pseudo_header6(const struct ip_address *source,
	const struct ip_address *destination, uint8_t protocol, uint32_t length);

/* In a frame, whatever buffers it lies in. */
/*@ requires sound: frame_is_sound(frame);
    requires segments: segments_hold(frame->rest, frame->length - frame->contiguous);
    requires whole: offset + length <= frame->length; */
checksum_sum frame_checksum(
	const struct frame *frame, uint32_t offset, uint32_t length, checksum_sum sum);

/*@ requires \valid(verdict);
    assigns *verdict;
    ensures \result == NEXT_NONE && *verdict == final; */
static inline enum next next_none(enum verdict *verdict, enum verdict final);

/*@ requires frame_is_sound(frame) && \valid(payload) && \valid(verdict);
    requires \separated(frame, payload, verdict);
    assigns *payload, *verdict;
    ensures \result == NEXT_NONE || \result == NEXT_ARP || \result == NEXT_IPV4 ||
      \result == NEXT_IPV6;
    ensures \result == NEXT_NONE ==> VERDICT_ETH_RUNT <= *verdict <= VERDICT_ETH_TYPE;
    ensures \result != NEXT_NONE ==> 14 <= *payload <= 22 && *payload <= frame->contiguous; */
enum next eth_read(const struct frame *frame, const struct identity *identity, uint32_t *payload,
	enum verdict *verdict);

/*@ requires frame_is_sound(frame) && offset <= frame->contiguous;
    assigns \nothing;
    ensures \result == VERDICT_ARP_REPLY || \result == VERDICT_ARP_IGNORED;
    ensures \result == VERDICT_ARP_REPLY ==> offset + 28 <= frame->contiguous; */
enum verdict arp_read(const struct frame *frame, const struct identity *identity, uint32_t offset);

/*@ requires frame_is_sound(frame) && offset <= frame->contiguous;
    assigns \nothing;
    ensures \result != 0 ==> offset + 28 <= frame->contiguous; */
static bool is_ipv4_on_ethernet(const struct frame *frame, uint32_t offset);

/*@ requires frame_is_sound(frame) && \valid(packet) && \valid(verdict);
    requires \separated(frame, packet, verdict) && offset <= 22 && offset <= frame->contiguous;
    assigns *packet, *verdict;
    ensures \result == NEXT_NONE || \result == NEXT_UDP || \result == NEXT_ICMP ||
      \result == NEXT_FRAGMENT;
    ensures \result == NEXT_NONE ==> VERDICT_IP_MALFORMED <= *verdict <= VERDICT_IP_PROTOCOL;
    ensures \result != NEXT_NONE ==> packet->family == IP_FAMILY_IPV4 &&
      packet->offset == offset && packet_is_sound(frame, packet); */
enum next ipv4_read(const struct frame *frame, const struct identity *identity, uint32_t offset,
	struct ip_packet *packet, enum verdict *verdict);

/*@ requires packet->payload <= frame->contiguous;
    assigns \nothing;
    ensures \result <= frame->contiguous - packet->payload;
    ensures \result <= packet->payload_length; */
static uint32_t room_of(const struct frame *frame, const struct ip_packet *packet);

/*@ requires \valid(packet) && length <= packet->payload_length;
    requires packet->payload + packet->payload_length <= UINT32_MAX;
    assigns packet->payload, packet->payload_length, packet->protocol;
    ensures packet->payload == \old(packet->payload) + length;
    ensures packet->payload_length == \old(packet->payload_length) - length; */
static void skip(struct ip_packet *packet, uint32_t length, uint8_t protocol);

/*@ requires frame_is_sound(frame) && \valid(packet) && \separated(frame, packet);
    requires \valid_read(frame->data + (0 .. frame->contiguous - 1));
    requires packet->payload <= frame->contiguous;
    requires packet->payload + packet->payload_length <= frame->length;
    assigns packet->payload, packet->payload_length, packet->protocol;
    ensures \old(packet->payload) <= packet->payload <= frame->contiguous;
    ensures packet->payload_length <= \old(packet->payload_length);
    ensures packet->payload + packet->payload_length <= frame->length; */
static bool skip_extension(const struct frame *frame, struct ip_packet *packet);

/*@ requires offset + 8 <= frame->contiguous;
    assigns \nothing; */
static uint16_t fragment_of(const struct frame *frame, uint32_t offset);

/*@ requires frame_is_sound(frame) && \valid(packet) && \valid(verdict);
    requires \separated(frame, packet, verdict) && packet->offset + 40 <= packet->payload;
    requires packet->payload + packet->payload_length <= frame->length;
    ensures packet->payload + packet->payload_length <= frame->length; */
bool ipv6_skip_extensions(
	const struct frame *frame, struct ip_packet *packet, enum verdict *verdict);

/*@ requires frame_is_sound(frame) && \valid(packet) && \valid(verdict);
    requires \separated(frame, packet, verdict) && offset <= 22 && offset <= frame->contiguous;
    assigns *packet, *verdict;
    ensures \result == NEXT_NONE || \result == NEXT_UDP || \result == NEXT_ICMP6 ||
      \result == NEXT_FRAGMENT;
    ensures \result == NEXT_NONE ==> VERDICT_IP_MALFORMED <= *verdict <= VERDICT_IP_PROTOCOL;
    ensures \result != NEXT_NONE ==> packet->family == IP_FAMILY_IPV6 &&
      packet->offset == offset && packet_is_sound(frame, packet); */
enum next ipv6_read(const struct frame *frame, const struct identity *identity, uint32_t offset,
	struct ip_packet *packet, enum verdict *verdict);

/*@ assigns \nothing; */
static bool fragment_is_refused(uint16_t fragment, uint32_t payload_length);

/*@ assigns \nothing; */
static bool is_fragment(uint16_t fragment);

/*@ requires frame_is_sound(frame) && \valid_read(packet) && packet_is_sound(frame, packet);
    assigns \nothing;
    ensures \result == VERDICT_ICMP_ECHO || \result == VERDICT_ICMP_IGNORED; */
enum verdict icmp_read(const struct frame *frame, const struct ip_packet *packet);

/*@ requires summed: frame_is_sound(frame) && \valid_read(packet) && packet_is_sound(frame, packet);
    assigns \nothing; */
static checksum_sum message_sum(const struct frame *frame, const struct ip_packet *packet);

/*@ assigns \nothing; */
static const struct icmp_header *message_of(
	const struct frame *frame, const struct ip_packet *packet);

/*@ requires frame_is_sound(frame) && \valid_read(packet) && packet_is_sound(frame, packet);
    assigns \nothing;
    ensures \result != 0 ==>
      packet->payload_length >= 8 && packet->payload + 8 <= frame->contiguous; */
static bool has_header(const struct frame *frame, const struct ip_packet *packet);

/*@ requires frame_is_sound(frame) && \valid_read(packet) && packet_is_sound(frame, packet);
    assigns \nothing; */
bool icmp6_is_discovery(const struct frame *frame, const struct ip_packet *packet);

/*@ requires frame_is_sound(frame) && \valid_read(packet) && packet_is_sound(frame, packet);
    requires packet->family == IP_FAMILY_IPV6;
    assigns \nothing;
    ensures \result == VERDICT_ICMP_ECHO || \result == VERDICT_ICMP_IGNORED ||
      \result == VERDICT_ND_REPLY || \result == VERDICT_ND_IGNORED;
    ensures \result == VERDICT_ND_REPLY ==> is_solicitation(frame, packet); */
enum verdict icmp6_read(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ requires offset <= 22;
    assigns \nothing;
    ensures \result == \max(0, offset + 72 - frame->contiguous); */
static uint32_t missing_room(const struct frame *frame, uint32_t offset);

/*@ requires frame_is_sound(frame) && \valid_read(packet) && packet_is_sound(frame, packet);
    requires \separated(frame, has_source) && \separated(packet, has_source);
    ensures \result == 1 ==>
      packet->payload_length >= 24 && packet->payload + 24 <= frame->contiguous; */
static bool message_is_whole(
	const struct frame *frame, const struct ip_packet *packet, bool *has_source);

/*@ requires frame_is_sound(frame) && \valid_read(packet) && packet_is_sound(frame, packet);
    requires packet->family == IP_FAMILY_IPV6;
    assigns \nothing;
    ensures \result == VERDICT_ND_REPLY || \result == VERDICT_ND_IGNORED;
    ensures \result == VERDICT_ND_REPLY ==> is_solicitation(frame, packet); */
enum verdict ndp_read(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ assigns \nothing; */
static checksum_sum pseudo_header(const struct datagram *datagram);

/*@ requires frame_is_sound(frame) && \valid_read(datagram) && datagram_is_sound(frame, datagram);
    assigns \nothing; */
static checksum_sum full_sum(const struct frame *frame, const struct datagram *datagram);

/*@ requires frame_is_sound(frame) && \valid(datagram) && \separated(frame, datagram);
    requires datagram_is_sound(frame, datagram);
    assigns datagram->checksum_partial; */
static bool checksum_is_good(const struct frame *frame, const struct identity *identity,
	const struct udp_header *udp, struct datagram *datagram);

/*@ requires \valid_read(datagram);
    assigns \nothing; */
static bool is_superframe(const struct identity *identity, const struct datagram *datagram);

/*@ requires frame_is_sound(frame) && offset <= frame->contiguous;
    assigns \nothing; */
static bool is_cut_superframe4(const struct frame *frame, uint32_t offset);

/*@ requires frame_is_sound(frame) && offset <= frame->contiguous;
    assigns \nothing; */
static bool is_cut_superframe6(const struct frame *frame, uint32_t offset);

/*@ requires frame_is_sound(frame) && offset <= frame->contiguous;
    assigns \nothing; */
bool udp_is_cut_superframe(const struct frame *frame, const struct identity *identity,
	enum ip_family family, uint32_t offset);

/*@ assigns \nothing;
    ensures \result != 0 ==> frame->headroom >= (family == IP_FAMILY_IPV6 ? 48 : 28); */
static bool may_report(
	const struct frame *frame, const struct identity *identity, enum ip_family family);

/*@ requires \valid(datagram) && \separated(frame, datagram);
    assigns datagram->source, datagram->destination; */
static uint8_t read_ip(const struct frame *frame, struct datagram *datagram);

/*@ assigns \nothing; */
static bool source_is_denied(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ requires frame_is_sound(frame) && \valid(datagram) && \separated(frame, datagram);
    requires packet_is_sound(frame, &datagram->packet);
    requires \valid(verdict) && \separated(frame, datagram, verdict);
    assigns *datagram, *verdict;
    ensures \result == NEXT_NONE || \result == NEXT_SERVICE;
    ensures \result == NEXT_NONE ==> *verdict != VERDICT_ARP_REPLY &&
      *verdict != VERDICT_ICMP_ECHO && *verdict != VERDICT_UDP_ECHO &&
      *verdict != VERDICT_ND_REPLY;
    ensures \result == NEXT_SERVICE || *verdict == VERDICT_ICMP_UNREACHABLE ==>
      datagram_is_sound(frame, datagram);
    ensures \result == NEXT_NONE && *verdict == VERDICT_ICMP_UNREACHABLE ==>
      has_room(frame, &datagram->packet); */
enum next udp_read_from(const struct frame *frame, const struct identity *identity,
	struct datagram *datagram, enum verdict *verdict);

/*@ assigns \nothing;
    ensures \result == VERDICT_UDP_ECHO; */
enum verdict service_echo_read(const struct frame *frame, const struct datagram *datagram);

/*@ requires \valid_read(datagram);
    assigns \nothing;
    ensures \result == VERDICT_UDP_ECHO || \result == VERDICT_UDP_PORT; */
static enum verdict service_read(const struct frame *frame, const struct datagram *datagram);

/*@ assigns \nothing; */
void service_echo_write(struct frame *frame, const struct datagram *datagram);

/*@ assigns \nothing; */
static inline enum service identity_service(const struct identity *identity, be16_t port);

/*@ requires frame_is_sound(frame) && \valid(datagram) && \separated(frame, datagram);
    assigns *datagram;
    ensures \result == VERDICT_UDP_ECHO || \result == VERDICT_ICMP_UNREACHABLE ==>
      datagram_is_sound(frame, datagram);
    ensures \result == VERDICT_ICMP_UNREACHABLE ==> has_room(frame, &datagram->packet);
    ensures \result == VERDICT_ND_REPLY ==> is_solicitation(frame, &datagram->packet);
    ensures \result == VERDICT_ICMP_ECHO ==> packet_is_sound(frame, &datagram->packet);
    ensures \result == VERDICT_ARP_REPLY ==> datagram->packet.offset + 28 <= frame->contiguous; */
enum verdict packet_read(
	const struct frame *frame, const struct identity *identity, struct datagram *datagram);

/* Writers. A reply is no longer than its request. What they assign is for those who call them; it
 * is not proved. */

/*@ assigns frame->data[0 .. 11]; */
void eth_write_to(struct frame *frame, struct mac_address from);

/*@ requires \valid(frame) && offset + 28 <= frame->contiguous <= frame->length;
    assigns *frame, frame->data[0 .. offset + 27];
    ensures no_longer: frame->length <= \old(frame->length); */
void arp_write_reply(struct frame *frame, const struct identity *identity, uint32_t offset);

/*@ assigns \nothing; */
static be16_t ttl_word(const struct ipv4_header *ip);

/*@ requires \valid(frame) && packet->offset + 20 <= packet->payload <= frame->contiguous;
    assigns frame->data, frame->contiguous, frame->data[0 .. packet->payload - 1];
    ensures frame->contiguous <= \old(frame->contiguous); */
static struct ipv4_header *drop_options(struct frame *frame, const struct ip_packet *packet);

/*@ requires \valid(frame) && \valid_read(packet) && \separated(frame, packet);
    requires frame_is_sound(frame) && packet_is_sound(frame, packet);
    requires payload_length <= packet->payload_length;
    assigns *frame, frame->data[0 .. packet->payload - 1];
    ensures no_longer: frame->length <= \old(frame->length);
    ensures ends: frame->contiguous <= frame->length; */
void ipv4_write_to(
	struct frame *frame, const struct ip_packet *packet, uint32_t payload_length, uint8_t ttl);

/*@ requires \valid(frame) && \valid_read(packet) && \separated(frame, packet);
    requires frame_is_sound(frame) && packet_is_sound(frame, packet);
    assigns *frame, frame->data[0 .. packet->payload + 7];
    ensures no_longer: frame->length <= \old(frame->length); */
void icmp_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ requires frame_is_sound(frame) && \valid_read(datagram) && datagram_is_sound(frame, datagram);
    assigns udp->checksum; */
static void finish_checksum(
	const struct frame *frame, const struct datagram *datagram, struct udp_header *udp);

/*@ requires \valid(frame) && \valid_read(datagram) && \separated(frame, datagram);
    requires frame_is_sound(frame) && datagram_is_sound(frame, datagram);
    assigns *frame, frame->data[0 .. datagram->packet.payload + 7];
    ensures no_longer: frame->length <= \old(frame->length); */
void udp_write_to(struct frame *frame, const struct datagram *datagram);

/*@ requires \valid(frame) && packet->offset + 40 <= packet->payload <= frame->contiguous;
    assigns frame->data, frame->contiguous, frame->data[0 .. packet->payload - 1];
    ensures frame->contiguous <= \old(frame->contiguous); */
static struct ipv6_header *drop_extensions(struct frame *frame, const struct ip_packet *packet);

/*@ requires \valid(frame) && \valid_read(packet) && \separated(frame, packet);
    requires frame_is_sound(frame) && packet_is_sound(frame, packet);
    requires packet->family == IP_FAMILY_IPV6 && payload_length <= packet->payload_length;
    assigns *frame, frame->data[0 .. packet->payload - 1];
    ensures no_longer: frame->length <= \old(frame->length);
    ensures ends: frame->contiguous <= frame->length; */
void ipv6_write_to(struct frame *frame, const struct ip_packet *packet, uint32_t payload_length,
	uint8_t hop_limit);

/*@ requires \valid(frame) && \valid_read(packet) && \separated(frame, packet);
    requires frame_is_sound(frame) && packet_is_sound(frame, packet);
    requires packet->family == IP_FAMILY_IPV6;
    requires segments: segments_hold(frame->rest, frame->length - frame->contiguous);
    assigns *frame, frame->data[0 .. packet->payload + 7];
    ensures no_longer: frame->length <= \old(frame->length); */
void icmp6_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ requires \valid(frame) && \valid_read(packet) && \separated(frame, packet);
    requires packet_is_sound(frame, packet) && packet->payload + 8 <= frame->contiguous;
    requires packet->family == IP_FAMILY_IPV4 && packet->payload_length >= 8;
    requires has_room(frame, packet);
    assigns *frame, frame->data[-28 .. packet->offset - 1];
    ensures longer_by: frame->length <= \old(frame->length) + 28; */
void icmp_write_unreachable(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ requires \valid(frame) && \valid_read(packet) && \separated(frame, packet);
    requires frame_is_sound(frame) && packet_is_sound(frame, packet);
    requires packet->family == IP_FAMILY_IPV6 && has_room(frame, packet);
    assigns *frame, frame->data[-48 .. packet->offset - 1];
    ensures in_all: frame->length <= packet->offset + 1280;
    ensures longer_by: frame->length <= \old(frame->length) + 48; */
void icmp6_write_unreachable(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ requires \valid(frame) && \valid_read(packet) && \separated(frame, packet);
    requires is_solicitation(frame, packet);
    assigns *frame, frame->data[-8 .. packet->offset + 71];
    ensures longer_by: frame->length <= \old(frame->length) + 8; */
void ndp_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/*@ requires \valid(frame) && \valid_read(datagram) && \separated(frame, datagram);
    requires frame_is_sound(frame);
    requires segments: segments_hold(frame->rest, frame->length - frame->contiguous);
    requires verdict == VERDICT_UDP_ECHO ==> datagram_is_sound(frame, datagram);
    requires verdict == VERDICT_ICMP_UNREACHABLE ==>
      datagram_is_sound(frame, datagram) && has_room(frame, &datagram->packet);
    requires verdict == VERDICT_ICMP_ECHO ==> packet_is_sound(frame, &datagram->packet);
    requires verdict == VERDICT_ND_REPLY ==> is_solicitation(frame, &datagram->packet);
    requires verdict == VERDICT_ARP_REPLY ==> datagram->packet.offset + 28 <= frame->contiguous;
    assigns *frame, frame->data[-48 .. frame->contiguous - 1];
    ensures no_longer: verdict != VERDICT_ICMP_UNREACHABLE && verdict != VERDICT_ND_REPLY ==>
      frame->length <= \old(frame->length);
    ensures quoted: verdict == VERDICT_ICMP_UNREACHABLE ==>
      frame->length <= \old(frame->length) + 48 &&
      (datagram->packet.family == IP_FAMILY_IPV6 ==>
	frame->length <= datagram->packet.offset + 1280);
    ensures advertised: verdict == VERDICT_ND_REPLY ==>
      frame->length <= \old(frame->length) + 8; */
void packet_write_reply(struct frame *frame, const struct identity *identity, enum verdict verdict,
	const struct datagram *datagram);

/*@ requires \valid(frame) && frame_is_sound(frame);
    requires segments: segments_hold(frame->rest, frame->length - frame->contiguous);
    assigns *frame, frame->data[-48 .. frame->contiguous - 1];
    ensures no_longer: \result != VERDICT_ICMP_UNREACHABLE && \result != VERDICT_ND_REPLY ==>
      frame->length <= \old(frame->length);
    ensures quoted: \result == VERDICT_ICMP_UNREACHABLE ==>
      frame->length <= \old(frame->length) + 48;
    ensures advertised: \result == VERDICT_ND_REPLY ==>
      frame->length <= \old(frame->length) + 8; */
enum verdict packet_answer(struct frame *frame, const struct identity *identity);

#endif
