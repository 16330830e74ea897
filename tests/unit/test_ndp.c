/* SPDX-License-Identifier: BSD-3-Clause */
#include "check.h"
#include "suite.h"

#define NO_EDIT           \
	{                 \
		{         \
			0 \
		}         \
	}
#define AT_CODE   (AT_IP6_PAYLOAD + 1)
#define AT_SUM    (AT_IP6_PAYLOAD + 2)
#define AT_TARGET (AT_IP6_PAYLOAD + 8)
#define AT_OPTION (AT_IP6_PAYLOAD + 24)

/* A solicitation with other addresses and OPTIONS than usual. */
#define SOLICIT(addresses, options)                   \
	SOLICITED_MAC THEM IP6("3a", "ff", addresses) \
	SOLICITATION_BODY options
#define NO_OPTION SOLICIT(PEER6 SOLICITED6, "")

#define REPLIED .verdict = VERDICT_ND_REPLY, .reply = ADVERTISEMENT, .reply_mend = MEND_BOTH
#define IGNORED MEND_BOTH, .verdict = VERDICT_ND_IGNORED

/* RFC 4861 7.2.3, 7.2.4: solicited, override, and our MAC as an option. */
static const struct frame_case solicitations[] = {
	{"to our group", SOLICITATION, NO_EDIT, MEND_BOTH, REPLIED},
	{"to us alone", SOLICITATION, {{AT_IP6_DESTINATION, OURS6}, {AT_ETH_DESTINATION, US}},
		MEND_BOTH, REPLIED},
	{"to our group, under our MAC", SOLICITATION, {{AT_ETH_DESTINATION, US}}, MEND_BOTH,
		REPLIED},
	{"to all nodes", SOLICITATION,
		{{AT_IP6_DESTINATION, ALL_NODES6}, {AT_ETH_DESTINATION, ALL_NODES_MAC}}, MEND_BOTH,
		REPLIED},
	{"for our other address", SOLICITATION, {{AT_TARGET, OTHER6}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_TARGET, OTHER6}, {AT_IP6_SOURCE, OTHER6}}},
	{"the frame goes to its own source, whatever the option says", SOLICITATION,
		{{AT_ETH_SOURCE, "0a0b0c0d0e0f"}}, MEND_BOTH, REPLIED,
		.reply_edits = {{AT_ETH_DESTINATION, "0a0b0c0d0e0f"}}},
	{"traffic class, flow label and what is reserved are not sent back", SOLICITATION,
		{{AT_IP6_VERSION, "6fffffff"}, {AT_IP6_PAYLOAD + 4, "ffffffff"}}, MEND_BOTH,
		REPLIED},
	{"a hop limit of our own is not for this", SOLICITATION, NO_EDIT, MEND_BOTH, WHO_TTL_9,
		REPLIED},
	{"padding is not sent back", SOLICITATION "aabbcc", {{AT_IP6_LENGTH, "0020"}}, MEND_L4,
		REPLIED},
	{"options that we do not know",
		SOLICIT(PEER6 SOLICITED6,
			"c802 0000 00000000 0e01 0000 00000000 0e01 0000 00000000"),
		NO_EDIT, MEND_BOTH, REPLIED},
	{"behind hop-by-hop options",
		SOLICITED_MAC THEM IP6(
			"00", "ff", PEER6 SOLICITED6) "3a00 010400000000 " SOLICITATION_BODY,
		NO_EDIT, MEND_BOTH, REPLIED},
	{"from who is not allowed, which must find us", SOLICITATION, NO_EDIT, MEND_BOTH,
		WHO_DENIES, REPLIED},
};

/* The reply may be 8 bytes longer: they are padding, or headroom, or some of each. */
static const struct frame_case rooms[] = {
	{"room: 8 bytes of headroom", NO_OPTION, NO_EDIT, MEND_BOTH, REPLIED,
		.arrival.headroom = 8},
	{"room: 7 bytes of headroom", NO_OPTION, NO_EDIT, IGNORED, .arrival.headroom = 7},
	{"room: none", NO_OPTION, NO_EDIT, IGNORED},
	{"room: 8 bytes of padding", NO_OPTION "0000000000000000", {{AT_IP6_LENGTH, "0018"}},
		MEND_L4, REPLIED},
	{"room: 7 bytes of padding", NO_OPTION "00000000000000", {{AT_IP6_LENGTH, "0018"}}, MEND_L4,
		.verdict = VERDICT_ND_IGNORED},
	{"room: 7 bytes of padding, and one of headroom", NO_OPTION "00000000000000",
		{{AT_IP6_LENGTH, "0018"}}, MEND_L4, REPLIED, .arrival.headroom = 1},
	{"room: headroom to spare is not used", SOLICITATION, NO_EDIT, MEND_BOTH, REPLIED,
		.arrival.headroom = 100},
	{"room: behind two tags, 8 bytes of headroom",
		SOLICITED_MAC THEM "88a8 0064 8100 0005 " IP6("3a", "ff", PEER6 SOLICITED6)
			SOLICITATION_BODY,
		NO_EDIT, MEND_BOTH, .verdict = VERDICT_ND_REPLY,
		.reply =
			TO_THEM "88a8 0064 8100 0005 " IP6("3a", "ff", TO_PEER6) ADVERTISEMENT_BODY,
		.reply_mend = MEND_BOTH, .arrival.headroom = 8},
	{"room: behind a tag, 7 bytes of headroom",
		SOLICITED_MAC THEM "8100 0064 " IP6("3a", "ff", PEER6 SOLICITED6) SOLICITATION_BODY,
		NO_EDIT, IGNORED, .arrival.headroom = 7},
};

/* RFC 4862 5.4.3: who asks whether an address is free has none yet. All nodes learn that it is not.
 */
#define TO_ALL_NODES \
	ALL_NODES_MAC US IP6("3a", "ff", OURS6 ALL_NODES6) "88 00 0000 20000000 " OURS6 "0201 " US
static const struct frame_case probes[] = {
	{"probe", SOLICIT(NOBODY6 SOLICITED6, ""), NO_EDIT, MEND_BOTH, .verdict = VERDICT_ND_REPLY,
		.reply = TO_ALL_NODES, .reply_mend = MEND_BOTH, .arrival.headroom = 8},
	{"probe: with a nonce", SOLICIT(NOBODY6 SOLICITED6, "0e01 000000000000"), NO_EDIT,
		MEND_BOTH, .verdict = VERDICT_ND_REPLY, .reply = TO_ALL_NODES,
		.reply_mend = MEND_BOTH},
	{"probe: with a source link-layer address", SOLICIT(NOBODY6 SOLICITED6, "0101 " THEM),
		NO_EDIT, IGNORED},
	{"probe: with one behind another option",
		SOLICIT(NOBODY6 SOLICITED6, "0e01 000000000000 0101 " THEM), NO_EDIT, IGNORED},
	{"probe: with one before another option",
		SOLICIT(NOBODY6 SOLICITED6, "0101 " THEM "0e01 000000000000"), NO_EDIT, IGNORED},
	{"probe: to us alone", SOLICIT(NOBODY6 OURS6, "0e01 000000000000"),
		{{AT_ETH_DESTINATION, US}}, MEND_BOTH, .verdict = VERDICT_IP_SOURCE},
	{"probe: to all nodes", SOLICIT(NOBODY6 ALL_NODES6, "0e01 000000000000"), NO_EDIT,
		MEND_BOTH, .verdict = VERDICT_IP_SOURCE},
	{"probe: for another's address", SOLICIT(NOBODY6 SOLICITED6, "0e01 000000000000"),
		{{AT_TARGET, PEER6}}, IGNORED},
};

/* RFC 4861 7.1.1. */
static const struct frame_case ignored[] = {
	{"ignored: for another's address", SOLICITATION, {{AT_TARGET, PEER6}}, IGNORED},
	{"ignored: for a group", SOLICITATION, {{AT_TARGET, SOLICITED6}}, IGNORED},
	{"ignored: for all nodes", SOLICITATION, {{AT_TARGET, ALL_NODES6}}, IGNORED},
	{"ignored: for ::", SOLICITATION, {{AT_TARGET, NOBODY6}}, IGNORED},
	{"ignored: hop limit 254: it came through a router", SOLICITATION,
		{{AT_IP6_HOP_LIMIT, "fe"}}, IGNORED},
	{"ignored: code 1", SOLICITATION, {{AT_CODE, "01"}}, IGNORED},
	{"ignored: from a router's neighbour", SOLICITATION, {{AT_IP6_PAYLOAD, "85"}}, IGNORED},
	{"ignored: of a router", SOLICITATION, {{AT_IP6_PAYLOAD, "86"}}, IGNORED},
	{"ignored: an advertisement", SOLICITATION, {{AT_IP6_PAYLOAD, "88"}}, IGNORED},
	{"ignored: a redirect", SOLICITATION, {{AT_IP6_PAYLOAD, "89"}}, IGNORED},
	{"ignored: 23 bytes", NO_OPTION "00", {{AT_IP6_LENGTH, "0017"}}, MEND_L4,
		.verdict = VERDICT_ND_IGNORED, .arrival.headroom = 8},
	{"ignored: 8 bytes", NO_OPTION, {{AT_IP6_LENGTH, "0008"}}, MEND_L4,
		.verdict = VERDICT_ND_IGNORED, .arrival.headroom = 8},
	{"ignored: an option of no length", SOLICITATION, {{AT_OPTION + 1, "00"}}, IGNORED},
	{"ignored: a second option of no length", SOLICITATION "0e00 000000000000", NO_EDIT,
		IGNORED},
	{"ignored: an option beyond the message", SOLICITATION, {{AT_OPTION + 1, "02"}}, IGNORED},
	{"ignored: an option beyond the message, inside the frame", SOLICITATION "0000000000000000",
		{{AT_IP6_LENGTH, "0020"}, {AT_OPTION + 1, "02"}}, MEND_L4,
		.verdict = VERDICT_ND_IGNORED},
	{"ignored: a second option beyond the message", SOLICITATION "0e02 000000000000", NO_EDIT,
		IGNORED},
	{"ignored: an option of 16 bytes, of which one is missing",
		NO_OPTION "0e02 000000000000 00000000000000", NO_EDIT, IGNORED},
	{"ignored: a byte of a second option", SOLICITATION "0e", NO_EDIT, IGNORED},
	{"ignored: half an option", NO_OPTION "0101 0200", NO_EDIT, IGNORED, .arrival.headroom = 8},
	{"ignored: 7 bytes of a second option", SOLICITATION "0e01 0000000000", NO_EDIT, IGNORED},
	{"ignored: an atomic fragment (RFC 6980)",
		SOLICITED_MAC THEM IP6("2c", "ff",
			PEER6 SOLICITED6) "3a00 0000 12345678 " SOLICITATION_BODY "0101 " THEM,
		NO_EDIT, IGNORED},
	{"ignored: it came in fragments", SOLICITATION, NO_EDIT, IGNORED,
		.arrival.reassembled = true},
	{"ignored: from who is not allowed", SOLICITATION, {{AT_TARGET, PEER6}}, IGNORED,
		.who = WHO_DENIES},
};

/* What is no neighbour discovery for us at all. */
static const struct frame_case others[] = {
	{"other: a wrong checksum", SOLICITATION, {{AT_SUM, "1234"}}, MEND_IP,
		.verdict = VERDICT_ICMP_IGNORED},
	{"other: 7 bytes", NO_OPTION, {{AT_IP6_LENGTH, "0007"}}, 0, WHO_ECHO,
		.verdict = VERDICT_ICMP_IGNORED},
	{"other: type 132", SOLICITATION, {{AT_IP6_PAYLOAD, "84"}}, MEND_BOTH,
		.verdict = VERDICT_ICMP_IGNORED},
	{"other: type 138", SOLICITATION, {{AT_IP6_PAYLOAD, "8a"}}, MEND_BOTH,
		.verdict = VERDICT_ICMP_IGNORED},
	{"other: from our own address", SOLICITATION, {{AT_IP6_SOURCE, OURS6}}, MEND_BOTH,
		.verdict = VERDICT_IP_SOURCE},
	{"other: to another's group", SOLICITATION, {{AT_IP6_DESTINATION + 15, "03"}}, MEND_BOTH,
		.verdict = VERDICT_IP_NOT_FOR_US},
	{"other: under another's group MAC", SOLICITATION, {{AT_ETH_DESTINATION, "3333ff000003"}},
		MEND_BOTH, .verdict = VERDICT_ETH_NOT_FOR_US},
	{"other: we have no address", SOLICITATION, {{AT_ETH_DESTINATION, US}}, MEND_BOTH,
		WHO_NOBODY, .verdict = VERDICT_IP_NOT_FOR_US},
};

int main(void)
{
	SUITE_ADD(solicitations, check_frame6_case);
	SUITE_ADD(rooms, check_frame6_case);
	SUITE_ADD(probes, check_frame6_case);
	SUITE_ADD(ignored, check_frame6_case);
	SUITE_ADD(others, check_frame6_case);
	return suite_run("ndp");
}
