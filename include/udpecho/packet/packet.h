/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads a frame, gives it a verdict, and writes its reply. This is the reference: it answers one
 * frame at a time, and every faster variant must give the same results.
 *
 * A function that reads a header either says which header is next, or gives the verdict, which is
 * final: that of a reply, or the drop that the first failed check names. The functions behind it
 * rely on what it has checked. None reads a byte before it knows from a length that the byte is
 * there. A function that writes turns the request into its reply in place, and may only be called
 * after packet_read() has returned the verdict of that reply.
 */
#ifndef UDPECHO_PACKET_H
#define UDPECHO_PACKET_H

#include <udpecho/packet/checksum.h>
#include <udpecho/packet/identity.h>
#include <udpecho/packet/ip_address.h>
#include <udpecho/packet/verdict.h>
#include <udpecho/packet/wire.h>

/* The bytes of one buffer, of a frame that lies in several. */
struct segment {
	const uint8_t *data;
	uint32_t length;
};

/*
 * A frame as it came from a device. Headers are read and written in the contiguous part only:
 * a header that reaches beyond it counts as missing.
 */
struct frame {
	uint8_t *data;              /* the first byte of the Ethernet header */
	uint32_t contiguous;        /* bytes at data that may be read and written; at most length */
	uint32_t length;            /* bytes of the whole frame */
	const struct segment *rest; /* the other length - contiguous bytes, in order */
	uint32_t headroom;          /* bytes that may be written before data */
	bool l4_checksum_good;      /* the device has verified the UDP checksum */
	bool l4_checksum_partial;   /* the device says that the UDP checksum is partial */
	bool reassembled;           /* the reassembly joined its fragments */
	uint64_t received;          /* when it came, in ticks of the caller's clock */
	uint64_t to_be_sent;        /* when its reply will be sent, likewise */
};

/* What is behind a header, for the caller to read. */
enum next {
	NEXT_NONE, /* nothing: the verdict is final */
	NEXT_ARP,
	NEXT_IPV4,
	NEXT_IPV6,
	NEXT_UDP,
	NEXT_ICMP,
	NEXT_ICMP6,
	NEXT_FRAGMENT, /* a valid fragment of UDP or ICMP */
	NEXT_SERVICE,  /* a datagram for the service of its port */
};

/** Makes FINAL the VERDICT, and returns NEXT_NONE, for a function that reads to return. */
static inline enum next next_none(enum verdict *verdict, enum verdict final)
{
	*verdict = final;
	return NEXT_NONE;
}

/*
 * Where an IP packet lies in its frame, after ipv4_read() or ipv6_read(): offsets from the frame's
 * first byte.
 */
struct ip_packet {
	enum ip_family family;
	uint32_t offset;         /* of the IP header */
	uint32_t payload;        /* of the first byte behind it and its options or extensions */
	uint32_t payload_length; /* bytes, as the header's length gives them */
	/* Of the header that describes the fragment; 0: there is none. A whole IPv6 packet may have
	 * one: an atomic fragment. */
	uint32_t fragment;
	uint8_t protocol; /* in IPv6, the next header behind the extension headers */
};

/** The source of PACKET, which ipv4_read() or ipv6_read() has filled. */
static inline struct ip_address ip_packet_source(
	const struct frame *frame, const struct ip_packet *packet)
{
	const uint8_t *ip = frame->data + packet->offset;

	return packet->family == IP_FAMILY_IPV6
		       ? ((const struct ipv6_header *)ip)->source
		       : ip_address_of_ipv4(((const struct ipv4_header *)ip)->source);
}

/* A datagram and who sent it, after udp_read_from(). */
struct datagram {
	struct ip_packet packet;
	struct ip_address source;      /* the sender's address */
	struct ip_address destination; /* our address that it was sent to */
	be16_t source_port;
	be16_t destination_port;
	enum service service;  /* of the destination port */
	uint32_t length;       /* bytes of UDP header and payload, as the UDP length gives them */
	uint8_t ttl;           /* of the reply; in IPv6, its hop limit */
	bool checksum_partial; /* to be finished in the reply */
};

/**
 * Answers FRAME: packet_read(), and packet_write_reply() if the verdict asks for a
 * reply. Returns the verdict. If it asks for no reply, no byte of the frame has changed.
 */
enum verdict packet_answer(struct frame *frame, const struct identity *identity);

/**
 * Writes the reply that VERDICT asks for in place of the request, after packet_read() gave VERDICT
 * and DATAGRAM. Data, contiguous and length of FRAME then describe the reply. Only the replies of
 * VERDICT_ICMP_UNREACHABLE and VERDICT_ND_REPLY may be longer than the request. If VERDICT asks for
 * no reply, the function does nothing.
 */
void packet_write_reply(struct frame *frame, const struct identity *identity, enum verdict verdict,
	const struct datagram *datagram);

/**
 * Reads the headers of FRAME in their order, asks the access list about a valid packet for us, and
 * returns the verdict:
 *
 * VERDICT_UDP_ECHO, VERDICT_ICMP_UNREACHABLE: udp_read_from() has filled DATAGRAM.
 * VERDICT_ICMP_ECHO, VERDICT_ND_REPLY: an echo request, or a neighbour solicitation. DATAGRAM has
 * the packet only.
 * VERDICT_IP_FRAGMENT_KEPT: a valid fragment; the caller may join it with the others and read the
 * whole datagram. DATAGRAM has the packet only.
 * VERDICT_ARP_REPLY, VERDICT_ARP_IGNORED: DATAGRAM has the packet's offset only.
 * Any other: it says why the frame is dropped.
 */
enum verdict packet_read(
	const struct frame *frame, const struct identity *identity, struct datagram *datagram);

/**
 * Reads the datagram (RFC 768) in DATAGRAM->packet, which ipv4_read() or ipv6_read() has filled,
 * and fills the rest of DATAGRAM: the datagram and who sent it, as recvfrom() gives them. Returns
 * NEXT_SERVICE if its checksum is right, or absent in IPv4, its port has a service, and the loop
 * guard allows a reply.
 * Otherwise it gives the VERDICT, and DATAGRAM may be used only with VERDICT_ICMP_UNREACHABLE.
 */
enum next udp_read_from(const struct frame *frame, const struct identity *identity,
	struct datagram *datagram, enum verdict *verdict);

/** Returns VERDICT_UDP_ECHO: every datagram is a request for an echo (RFC 862). */
enum verdict service_echo_read(const struct frame *frame, const struct datagram *datagram);

/** Does nothing: an echo has the payload of its request. */
void service_echo_write(struct frame *frame, const struct datagram *datagram);

/**
 * Whether the packet at OFFSET, which ipv4_read() or ipv6_read() found malformed, is the beginning
 * of a superframe: the kernel handed over several datagrams as one, and had no room for all their
 * bytes. An IPv6 one is only seen without extension headers.
 */
bool udp_is_cut_superframe(const struct frame *frame, const struct identity *identity,
	enum ip_family family, uint32_t offset);

/** Turns DATAGRAM around in place: from its destination to its source, addresses and ports. */
void udp_write_to(struct frame *frame, const struct datagram *datagram);

/**
 * Reads the Ethernet header and its VLAN tags. Returns NEXT_ARP, NEXT_IPV4 or NEXT_IPV6, and the
 * offset of that header in PAYLOAD; otherwise it gives the VERDICT.
 */
enum next eth_read(const struct frame *frame, const struct identity *identity, uint32_t *payload,
	enum verdict *verdict);

/** Turns the Ethernet header around: its source becomes the destination, and FROM the source. */
void eth_write_to(struct frame *frame, struct mac_address from);

/**
 * Reads the ARP packet at OFFSET. Returns VERDICT_ARP_REPLY for a request (RFC 826) or a probe
 * (RFC 5227) that asks for an address of ours, and VERDICT_ARP_IGNORED for any other.
 */
enum verdict arp_read(const struct frame *frame, const struct identity *identity, uint32_t offset);

/**
 * Whether the ARP packet at OFFSET, which arp_read() ignores, shows that another station uses an
 * address of ours: its sender has the address, but not our MAC (RFC 5227 2.4).
 */
bool arp_is_conflict(const struct frame *frame, const struct identity *identity, uint32_t offset);

/* The bytes of an untagged ARP request, with its Ethernet header. */
#define ARP_REQUEST_LENGTH 42

/**
 * Writes a broadcast frame from MAC in which SENDER asks for TARGET (RFC 826). It is a probe if
 * SENDER is 0.0.0.0 (RFC 5227 2.1.1), and an announcement if SENDER and TARGET are the same
 * (RFC 5227 2.3).
 */
void arp_write_request(uint8_t frame[static ARP_REQUEST_LENGTH], struct mac_address mac,
	be32_t sender, be32_t target);

/** Turns the ARP request at OFFSET into its reply (RFC 826), and cuts the padding off. */
void arp_write_reply(struct frame *frame, const struct identity *identity, uint32_t offset);

/**
 * Reads the IPv4 header at OFFSET, and checks its lengths, checksum, addresses, options, fragment
 * fields and protocol as RFC 791 and RFC 1122 3.2.1 require. Returns NEXT_UDP, NEXT_ICMP or
 * NEXT_FRAGMENT, and fills PACKET; otherwise it gives the VERDICT.
 */
enum next ipv4_read(const struct frame *frame, const struct identity *identity, uint32_t offset,
	struct ip_packet *packet, enum verdict *verdict);

/**
 * Turns PACKET around, addresses and MACs, removes its options, and sets its TTL. The frame then
 * ends PAYLOAD_LENGTH bytes behind the IPv4 header. The payload itself does not change.
 */
void ipv4_write_to(
	struct frame *frame, const struct ip_packet *packet, uint32_t payload_length, uint8_t ttl);

/**
 * Reads the IPv6 header at OFFSET and the extension headers behind it, and checks its lengths,
 * addresses, extension headers, fragment fields and protocol as RFC 8200 and RFC 4291 require.
 * Returns NEXT_UDP, NEXT_ICMP6 or NEXT_FRAGMENT, and fills PACKET; otherwise it gives the VERDICT.
 */
enum next ipv6_read(const struct frame *frame, const struct identity *identity, uint32_t offset,
	struct ip_packet *packet, enum verdict *verdict);

/**
 * Skips the extension headers (RFC 8200 section 4) that begin at the payload of PACKET, up to the
 * header of a protocol, or to the data of a fragment. A packet may have a fragment header and yet
 * be whole: an atomic fragment (RFC 6946). Returns false, and the VERDICT, if one of them is
 * refused; it is the payload then.
 */
bool ipv6_skip_extensions(
	const struct frame *frame, struct ip_packet *packet, enum verdict *verdict);

/**
 * Turns PACKET around, addresses and MACs, removes its extension headers, and sets its hop limit.
 * The frame then ends PAYLOAD_LENGTH bytes behind the IPv6 header. The payload itself does not
 * change.
 */
void ipv6_write_to(struct frame *frame, const struct ip_packet *packet, uint32_t payload_length,
	uint8_t hop_limit);

/**
 * Whether the ICMPv6 message in PACKET is of neighbour or router discovery (RFC 4861), which
 * nobody may be denied, as ARP: a router asks for us on behalf of others.
 */
bool icmp6_is_discovery(const struct frame *frame, const struct ip_packet *packet);

/**
 * Reads the ICMPv6 message (RFC 4443) in PACKET. Returns VERDICT_ICMP_ECHO for a valid echo request
 * that was sent to us alone, what ndp_read() says of discovery, and VERDICT_ICMP_IGNORED for any
 * other message.
 */
enum verdict icmp6_read(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/** Turns the echo request in PACKET into the echo reply (RFC 4443 4.2). */
void icmp6_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/** Bytes of headroom that icmp6_write_unreachable() needs. */
#define ICMP6_UNREACHABLE_HEADROOM (sizeof(struct ipv6_header) + sizeof(struct icmp_header))

/**
 * Turns PACKET into the ICMPv6 message that its port is unreachable (RFC 4443 3.1), which quotes as
 * much of the packet as fits into 1,280 bytes. The message begins in the headroom.
 */
void icmp6_write_unreachable(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/**
 * Reads the message of neighbour or router discovery in PACKET, whose checksum is right. Returns
 * VERDICT_ND_REPLY for a valid neighbour solicitation (RFC 4861 7.1.1) that asks for an address of
 * ours, if there is room for the reply, and VERDICT_ND_IGNORED for any other.
 */
enum verdict ndp_read(
	const struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/**
 * Turns the neighbour solicitation in PACKET into our advertisement (RFC 4861 7.2.4). It may be 8
 * bytes longer, and then begins in the headroom unless there is padding.
 */
void ndp_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/**
 * Reads the ICMP message in PACKET. Returns VERDICT_ICMP_ECHO for a valid echo request, and
 * VERDICT_ICMP_IGNORED for any other.
 */
enum verdict icmp_read(const struct frame *frame, const struct ip_packet *packet);

/** Turns the echo request in PACKET into the echo reply (RFC 792). */
void icmp_write_reply(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/** Bytes of headroom that icmp_write_unreachable() needs. */
#define ICMP_UNREACHABLE_HEADROOM (sizeof(struct ipv4_header) + sizeof(struct icmp_header))

/**
 * Turns PACKET into the ICMP message that its port is unreachable (RFC 792), which quotes the
 * packet's IPv4 header and the 8 bytes behind it. The message begins in the headroom, and the frame
 * ends behind those 8 bytes.
 */
void icmp_write_unreachable(
	struct frame *frame, const struct identity *identity, const struct ip_packet *packet);

/**
 * Adds LENGTH bytes of FRAME from OFFSET on to SUM and returns the result. The bytes may lie in
 * several buffers.
 */
checksum_sum frame_checksum(
	const struct frame *frame, uint32_t offset, uint32_t length, checksum_sum sum);

#endif
