/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes in, verdict out. This is the plain reference, one frame at a time, that every faster
 * variant must equal.
 *
 * A reader of a header says which header is next, or gives the verdict, which is final: a reply's,
 * or the drop that the first failed check names. What it has admitted is not checked again. No byte
 * is read before a length has admitted it. A writing function turns the request into its reply in
 * place, and may only be called after packet_read() has returned the reply's verdict.
 */
#ifndef UDPECHO_PACKET_H
#define UDPECHO_PACKET_H

#include <udpecho/packet/checksum.h>
#include <udpecho/packet/identity.h>
#include <udpecho/packet/ip_address.h>
#include <udpecho/packet/verdict.h>
#include <udpecho/packet/wire.h>

/* A run of bytes of a frame that lies in several buffers. */
struct segment {
	const uint8_t *data;
	uint32_t length;
};

/*
 * A frame as it came from a device. Headers are read and written in the contiguous part alone;
 * a header that reaches beyond it counts as missing.
 */
struct frame {
	uint8_t *data;              /* the first byte of the Ethernet header */
	uint32_t contiguous;        /* bytes that may be touched at data; at most length */
	uint32_t length;            /* bytes of the whole frame */
	const struct segment *rest; /* the other length - contiguous bytes, in order */
	uint32_t headroom;          /* bytes that may be written before data */
	bool l4_checksum_good;      /* the device has verified the UDP checksum */
	bool l4_checksum_partial;   /* the device says that the UDP checksum is partial */
	bool reassembled;           /* put together of fragments */
	uint64_t received; /* when, and when its reply is to be sent: ticks of the caller's clock */
	uint64_t to_be_sent;
};

/* What is behind a header. */
enum next {
	NEXT_NONE, /* nothing that is read: the verdict is there */
	NEXT_ARP,
	NEXT_IPV4,
	NEXT_UDP,
	NEXT_ICMP,
	NEXT_FRAGMENT, /* of UDP or ICMP, and sound */
	NEXT_SERVICE,
};

/** Ends the reading with FINAL: NEXT_NONE, for a reader to return. */
static inline enum next next_none(enum verdict *verdict, enum verdict final)
{
	*verdict = final;
	return NEXT_NONE;
}

/* Where an IP packet lies in its frame, after ipv4_read(): offsets from the frame's first byte. */
struct ip_packet {
	enum ip_family family;
	uint32_t offset;         /* of the IP header */
	uint32_t payload;        /* of what follows the header and its options */
	uint32_t payload_length; /* bytes; by the header's total length */
	uint32_t fragment;       /* of the header that says which fragment it is; 0: it is whole */
	uint8_t protocol;
};

/* A datagram and who wrote it, after udp_read_from(). */
struct datagram {
	struct ip_packet packet;
	struct ip_address source;      /* address of who wrote it */
	struct ip_address destination; /* address of ours that it was written to */
	be16_t source_port;
	be16_t destination_port;
	enum service service;  /* that the port has */
	uint32_t length;       /* bytes of UDP header and payload, by the UDP length */
	uint8_t ttl;           /* for the reply */
	bool checksum_partial; /* is to be finished in the reply */
};

/**
 * The whole path of one frame: packet_read(), and packet_write_reply() where a reply is due.
 * On every other verdict no byte has changed.
 */
enum verdict packet_answer(struct frame *frame, const struct identity *identity);

/**
 * Writes the reply that VERDICT calls for in place, after packet_read() gave that verdict and
 * DATAGRAM. Data, contiguous and length of FRAME then describe the reply. It is never longer than
 * the request, but for icmp-unreachable. Nothing is done on a verdict that is no reply's.
 */
void packet_write_reply(struct frame *frame, const struct identity *identity, enum verdict verdict,
	const struct datagram *datagram);

/**
 * What FRAME is: its headers in their order, and the access list for what is neither malformed nor
 * meant for others. VERDICT_UDP_ECHO, VERDICT_ICMP_UNREACHABLE: DATAGRAM is what udp_read_from()
 * makes it. VERDICT_ARP_REPLY, VERDICT_ICMP_ECHO: no datagram to send back, but a request that
 * wants that reply. VERDICT_IP_FRAGMENT_KEPT: a sound fragment of a datagram that may yet be
 * answered, where it is put together. Then, and with VERDICT_ARP_IGNORED, DATAGRAM holds the place
 * of the packet alone. Anything else: why it is dropped.
 */
enum verdict packet_read(
	const struct frame *frame, const struct identity *identity, struct datagram *datagram);

/**
 * The datagram in the packet that ipv4_read() admitted, at DATAGRAM->packet, and who wrote it, as
 * Plan 9's readFrom gives it (RFC 768). NEXT_SERVICE: its checksum is right or absent, its port has
 * a service and its source may be answered. Else the VERDICT; of VERDICT_ICMP_UNREACHABLE alone
 * DATAGRAM is whole too.
 */
enum next udp_read_from(const struct frame *frame, const struct identity *identity,
	struct datagram *datagram, enum verdict *verdict);

/** Any datagram is a request for an echo (RFC 862): VERDICT_UDP_ECHO. */
enum verdict service_echo_read(const struct frame *frame, const struct datagram *datagram);

/** The payload of an echo stays as it is. */
void service_echo_write(struct frame *frame, const struct datagram *datagram);

/**
 * Whether the packet at OFFSET, which ipv4_read() found malformed, is the beginning of several
 * datagrams that the kernel had no room to hand over whole.
 */
bool udp_is_cut_superframe(
	const struct frame *frame, const struct identity *identity, uint32_t offset);

/** Sends DATAGRAM back in place: to the address that wrote it, from the one it wrote to. */
void udp_write_to(struct frame *frame, const struct datagram *datagram);

/** Ethernet and its VLAN tags: NEXT_ARP or NEXT_IPV4 at the offset PAYLOAD, or the VERDICT. */
enum next eth_read(const struct frame *frame, const struct identity *identity, uint32_t *payload,
	enum verdict *verdict);

/** Turns the Ethernet header around: back to its source, from the MAC it was sent to. */
void eth_write_to(struct frame *frame, struct mac_address from);

/** ARP at OFFSET: VERDICT_ARP_REPLY for a request or a probe (RFC 5227) for an address of ours. */
enum verdict arp_read(const struct frame *frame, const struct identity *identity, uint32_t offset);

/**
 * Whether the ARP packet at OFFSET, which arp_read() ignores, shows that another station uses an
 * address of ours (RFC 5227 2.4): it names the address as its sender's.
 */
bool arp_is_conflict(const struct frame *frame, const struct identity *identity, uint32_t offset);

/* The bytes of an untagged request. */
#define ARP_REQUEST_LENGTH 42

/**
 * Writes a whole frame from MAC that asks everybody for TARGET in the name of SENDER (RFC 826):
 * a probe, where SENDER is 0.0.0.0 (RFC 5227 2.1.1), and an announcement, where both are one
 * (RFC 5227 2.3).
 */
void arp_write_request(uint8_t frame[static ARP_REQUEST_LENGTH], struct mac_address mac,
	be32_t sender, be32_t target);

/** Turns the ARP request at OFFSET into the reply (RFC 826). */
void arp_write_reply(struct frame *frame, const struct identity *identity, uint32_t offset);

/**
 * IPv4 at OFFSET: header, lengths, checksum, both addresses, options, fragments, protocol, as
 * RFC 791 and RFC 1122 3.2.1 want them. NEXT_UDP, NEXT_ICMP or NEXT_FRAGMENT in PACKET, or the
 * VERDICT.
 */
enum next ipv4_read(const struct frame *frame, const struct identity *identity, uint32_t offset,
	struct ip_packet *packet, enum verdict *verdict);

/**
 * Turns the packet around with TTL, and with PAYLOAD_LENGTH bytes behind a header without
 * options; the frame ends there. The payload itself is not touched.
 */
void ipv4_write_to(
	struct frame *frame, const struct ip_packet *packet, uint32_t payload_length, uint8_t ttl);

/** ICMP in PACKET: VERDICT_ICMP_ECHO for a valid echo request. */
enum verdict icmp_read(const struct frame *frame, const struct ip_packet *packet);

/** Turns the echo request into the echo reply (RFC 792). */
void icmp_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/** Bytes of headroom that icmp_write_unreachable() takes. */
#define ICMP_UNREACHABLE_HEADROOM (sizeof(struct ipv4_header) + sizeof(struct icmp_header))

/**
 * Turns the packet into the report that its port is unreachable: RFC 792, with the packet's own
 * header and first 8 bytes. It grows into the headroom, and ends behind those 8.
 */
void icmp_write_unreachable(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/** Adds LENGTH bytes of FRAME from OFFSET on, whatever buffers they lie in, to SUM. */
checksum_sum frame_checksum(
	const struct frame *frame, uint32_t offset, uint32_t length, checksum_sum sum);

#endif
