/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames for tests, written as hex texts. Nothing here uses lib/packet: what is expected of the
 * library must not come from it. The frames of these macros are those of the golden cases.
 */
#ifndef UNIT_FRAMES_H
#define UNIT_FRAMES_H

#include <udpecho/packet/identity.h>

#define FRAME_BYTES_MAX 2048

/* The appliance is 198.18.0.2/24 and 203.0.113.9/32; the other end is 198.18.0.1. */
#define US        "020000000002 "
#define THEM      "020000000001 "
#define BROADCAST "ffffffffffff "
#define TO_US     US THEM
#define TO_THEM   THEM US
#define SWAPPED   "c6120002 c6120001 " /* both addresses in a reply */

/* "Hello, echo!": 12 bytes */
#define HELLO "48656c6c6f2c206563686f21 "

#define ECHO_IP       "4500 0028 1234 0000 39 11 e369 c6120001 c6120002 "
#define ECHO_REPLY_IP "4500 0028 1234 0000 40 11 dc69 " SWAPPED
#define ECHO_UDP      "9c40 0007 0014 c069 " HELLO
#define ECHO          TO_US "0800 " ECHO_IP ECHO_UDP
#define ECHO_REPLY    TO_THEM "0800 " ECHO_REPLY_IP "0007 9c40 0014 c069 " HELLO

#define PING_IP       "4500 0028 1234 0000 39 01 e379 c6120001 c6120002 "
#define PING_REPLY_IP "4500 0028 1234 0000 40 01 dc79 " SWAPPED
#define PING_ICMP     "0800 e110 0001 0001 " HELLO
#define PING          TO_US "0800 " PING_IP PING_ICMP
#define PING_REPLY    TO_THEM "0800 " PING_REPLY_IP "0000 e910 0001 0001 " HELLO

#define ARP_BODY       "0001 0800 06 04 0001 " THEM "c6120001 000000000000 c6120002 "
#define ARP_BODY_REPLY "0001 0800 06 04 0002 " US "c6120002 " THEM "c6120001 "
#define ARP            BROADCAST THEM "0806 " ARP_BODY
#define ARP_ANSWERED   TO_THEM "0806 " ARP_BODY_REPLY

/* In IPv6, the appliance is 2001:2::2 and 2001:2:0:1::9; the other end is 2001:2::1. */
#define OURS6         "20010002000000000000000000000002 "
#define OTHER6        "20010002000000010000000000000009 "
#define PEER6         "20010002000000000000000000000001 "
#define NOBODY6       "00000000000000000000000000000000 "
#define ALL_NODES6    "ff020000000000000000000000000001 "
#define SOLICITED6    "ff0200000000000000000001ff000002 "
#define ALL_NODES_MAC "333300000001 "
#define SOLICITED_MAC "3333ff000002 "
#define TO_PEER6      OURS6 PEER6
#define FROM_PEER6    PEER6 OURS6

/* Frames of IPv6, whose length and checksums are to be mended. */
#define IP6(next, hop_limit, addresses) "86dd 60000000 0000 " next " " hop_limit " " addresses
#define UDP6                            "9c40 0007 0014 0000 " HELLO
#define UDP6_BACK                       "0007 9c40 0014 0000 " HELLO
#define ECHO6                           TO_US IP6("11", "39", FROM_PEER6) UDP6
#define ECHO6_REPLY                     TO_THEM IP6("11", "40", TO_PEER6) UDP6_BACK
#define PING6                           TO_US IP6("3a", "39", FROM_PEER6) "80 00 0000 0001 0001 " HELLO
#define PING6_REPLY                     TO_THEM IP6("3a", "40", TO_PEER6) "81 00 0000 0001 0001 " HELLO
#define SOLICITATION_BODY               "87 00 0000 00000000 " OURS6
#define SOLICITATION \
	SOLICITED_MAC THEM IP6("3a", "ff", PEER6 SOLICITED6) SOLICITATION_BODY "0101 " THEM
#define ADVERTISEMENT_BODY "88 00 0000 60000000 " OURS6 "0201 " US
#define ADVERTISEMENT      TO_THEM IP6("3a", "ff", TO_PEER6) ADVERTISEMENT_BODY

/* Where the fields are in a frame without tags and without options. */
enum at {
	AT_ETH_DESTINATION = 0,
	AT_ETH_SOURCE = 6,
	AT_ETH_TYPE = 12,
	AT_ARP_HARDWARE = 14,
	AT_ARP_PROTOCOL = 16,
	AT_ARP_HARDWARE_LENGTH = 18,
	AT_ARP_PROTOCOL_LENGTH = 19,
	AT_ARP_OPERATION = 20,
	AT_ARP_SENDER_MAC = 22,
	AT_ARP_SENDER = 28,
	AT_ARP_TARGET_MAC = 32,
	AT_ARP_TARGET = 38,
	AT_IP_VERSION = 14, /* and IHL */
	AT_IP_TOS = 15,
	AT_IP_LENGTH = 16,
	AT_IP_ID = 18,
	AT_IP_FRAGMENT = 20,
	AT_IP_TTL = 22,
	AT_IP_PROTOCOL = 23,
	AT_IP_CHECKSUM = 24,
	AT_IP_SOURCE = 26,
	AT_IP_DESTINATION = 30,
	AT_ICMP_TYPE = 34,
	AT_ICMP_CODE = 35,
	AT_ICMP_CHECKSUM = 36,
	AT_ICMP_ID = 38,
	AT_ICMP_SEQUENCE = 40,
	AT_UDP_SOURCE = 34,
	AT_UDP_DESTINATION = 36,
	AT_UDP_LENGTH = 38,
	AT_UDP_CHECKSUM = 40,
	AT_DATA = 42,
	AT_IP6_VERSION = 14, /* and traffic class and flow label */
	AT_IP6_LENGTH = 18,
	AT_IP6_NEXT = 20,
	AT_IP6_HOP_LIMIT = 21,
	AT_IP6_SOURCE = 22,
	AT_IP6_DESTINATION = 38,
	AT_IP6_PAYLOAD = 54,
};

/* Which checksums are made right after the edits. */
enum mend {
	MEND_IP = 1, /* of IPv6, its payload length */
	MEND_L4 = 2, /* of UDP or ICMP */
	MEND_BOTH = MEND_IP | MEND_L4,
};

/* "At byte AT it says BYTES", in hex. A list ends where BYTES is NULL. */
struct edit {
	enum at at;
	const char *bytes;
};

struct bytes {
	uint32_t length;
	uint8_t data[FRAME_BYTES_MAX];
};

/** The bytes that TEXT says in hex; blanks are skipped. */
struct bytes bytes_of(const char *text);

/** The frame that TEXT says, with EDITS (NULL: none) applied and the checksums of MEND right. */
struct bytes frame_bytes(const char *text, const struct edit *edits, unsigned int mend);

/** FRAME, of IPv6 without a tag, with its checksum right. */
struct bytes mend_bytes(struct bytes frame);

/** The Internet checksum of LENGTH bytes, the slow way: byte by byte, most significant first. */
uint16_t slow_checksum(uint32_t sum, const uint8_t *data, size_t length);

/** Offset of what follows the Ethernet header and at most two tags; 0: it is cut short. */
uint32_t payload_offset(const struct bytes *frame);

/** Whether FRAME is of IPv6, at OFFSET. */
bool is_ipv6(const struct bytes *frame, uint32_t offset);

/** Where the extension headers of the IPv6 packet at OFFSET end, by what they say; NEXT follows. */
uint32_t extensions_end(const struct bytes *frame, uint32_t offset, uint8_t *next);

/** The 16-bit number at byte AT. */
uint16_t number_at(const struct bytes *frame, uint32_t at);

/* Whom the frame is for. */
enum who {
	WHO_ECHO,    /* serves ports 7 and 7000 to 7099, TTL 64 */
	WHO_ANY,     /* serves every port: TTLs guard against loops */
	WHO_TTL_9,   /* as WHO_ECHO, with a TTL of its own */
	WHO_REPORTS, /* as WHO_ECHO; ports not served are reported */
	WHO_PARTIAL, /* as WHO_ECHO, at a virtual link that leaves checksums partial */
	WHO_DENIES,  /* as WHO_ECHO, but not for 198.18.0.1 and 2001:2::1 */
	WHO_NOBODY   /* no address, no port */
};

/** An identity made bit by bit; it lives until the next call. */
const struct identity *identity_of(enum who who);

#endif
