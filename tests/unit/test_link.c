/* SPDX-License-Identifier: BSD-3-Clause */
/* What is read from a message of rtnetlink, sound or not. */
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "device/link.h"
#include "suite.h"

struct row {
	const char *about;
	uint16_t type;
	unsigned char family;
	const char *name;     /* NULL: it has none */
	uint16_t name_length; /* of its attribute; 0: as the name has it */
	uint32_t mtu;         /* 0: it has none */
	uint16_t mtu_length;  /* of its attribute; 0: 4 */
	uint16_t mac_length;  /* of a MAC 02:02:..., 0: it has none */
	bool is_link;
	struct link link;
};

static const struct mac_address mac = {{2, 2, 2, 2, 2, 2}};

static const struct row rows[] = {
	{"all of it", RTM_NEWLINK, AF_UNSPEC, "eth0", .mtu = 1500, .mac_length = 6, .is_link = true,
		.link = {.index = 7,
			.name = "eth0",
			.mtu = 1500,
			.has_mac = true,
			.mac = {{2, 2, 2, 2, 2, 2}}}},
	{"nothing but the number", RTM_NEWLINK, AF_UNSPEC, .is_link = true, .link = {.index = 7}},
	{"the longest name", RTM_NEWLINK, AF_UNSPEC, "fifteen-letters", .is_link = true,
		.link = {.index = 7, .name = "fifteen-letters"}},
	{"a name that is too long", RTM_NEWLINK, AF_UNSPEC, "sixteen--letters", .is_link = true,
		.link = {.index = 7}},
	{"a name without its end", RTM_NEWLINK, AF_UNSPEC, "eth0", .name_length = 4,
		.is_link = true, .link = {.index = 7}},
	{"an MTU of two bytes", RTM_NEWLINK, AF_UNSPEC, .mtu = 1500, .mtu_length = 2,
		.is_link = true, .link = {.index = 7}},
	{"an InfiniBand address", RTM_NEWLINK, AF_UNSPEC, .mac_length = 20, .is_link = true,
		.link = {.index = 7}},
	{"an address of no bytes", RTM_NEWLINK, AF_UNSPEC, "lo", .is_link = true,
		.link = {.index = 7, .name = "lo"}},
	{"a bridge's word on its port", RTM_NEWLINK, AF_BRIDGE, "eth0", .mtu = 1500},
	{"a link that goes", RTM_DELLINK, AF_UNSPEC, "eth0", .mtu = 1500},
	{"a route", RTM_NEWROUTE, AF_UNSPEC, "eth0", .mtu = 1500},
};

static void test_parse(void **state)
{
	const struct row *row = *state;
	char buffer[1024] = {0};
	const uint8_t address[32] = {2, 2, 2, 2, 2, 2};
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *head;
	struct link link = {.index = 99};

	message->nlmsg_type = row->type;
	head = mnl_nlmsg_put_extra_header(message, sizeof(*head));
	head->ifi_family = row->family;
	head->ifi_index = 7;
	if (row->name != NULL)
		mnl_attr_put(message, IFLA_IFNAME,
			row->name_length != 0 ? row->name_length : strlen(row->name) + 1,
			row->name);
	if (row->mtu != 0)
		mnl_attr_put(
			message, IFLA_MTU, row->mtu_length != 0 ? row->mtu_length : 4, &row->mtu);
	if (row->mac_length != 0)
		mnl_attr_put(message, IFLA_ADDRESS, row->mac_length, address);
	assert_int_equal(link_parse(message, &link), row->is_link);
	if (!row->is_link)
		return;
	assert_int_equal(link.index, row->link.index);
	assert_string_equal(link.name, row->link.name);
	assert_int_equal(link.mtu, row->link.mtu);
	assert_int_equal(link.has_mac, row->link.has_mac);
	if (link.has_mac)
		assert_memory_equal(&link.mac, &mac, sizeof(mac));
}

/* As long as this kernel's, an older one's that ends behind rx_dropped, and a newer one's. */
static void test_stats(void **state)
{
	const struct rtnl_link_stats64 stats = {.rx_dropped = 1ULL << 40, .tx_dropped = 7};
	const size_t lengths[] = {
		sizeof(stats), offsetof(struct rtnl_link_stats64, tx_dropped), sizeof(stats) + 64};
	char longest[sizeof(stats) + 64] = {0};

	(void)state;
	memcpy(longest, &stats, sizeof(stats));
	for (size_t i = 0; i < COUNT(lengths); i++) {
		char buffer[1024] = {0};
		struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
		struct link link;

		message->nlmsg_type = RTM_NEWLINK;
		mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
		mnl_attr_put(message, IFLA_STATS64, lengths[i], longest);
		assert_true(link_parse(message, &link));
		assert_int_equal(link.rx_dropped, 1ULL << 40);
		assert_int_equal(link.tx_dropped, i == 1 ? 0 : 7);
	}
}

/* What is in attributes of attributes; each is as long as its type says, or not there. */
static void test_nested(void **state)
{
	static const struct {
		uint8_t mode;
		uint16_t type, length; /* of the program's number */
		const char *kind;
		uint16_t kind_length;
		unsigned int program;
		const char *found_kind;
	} nested[] = {
		{XDP_ATTACHED_DRV, IFLA_XDP_PROG_ID, 4, "veth", 5, 77, "veth"},
		{XDP_ATTACHED_MULTI, IFLA_XDP_SKB_PROG_ID, 4, "bridge", 7, 77, "bridge"},
		{XDP_ATTACHED_SKB, IFLA_XDP_PROG_ID, 2, "veth", 4, 0, ""},
		{XDP_ATTACHED_NONE, IFLA_XDP_FLAGS, 4, "a-kind-of-more-letters", 23, 0,
			"a-kind-of-more-"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(nested); i++) {
		char buffer[512] = {0};
		struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
		const uint32_t number = 77;
		struct nlattr *nest;
		struct link link;

		message->nlmsg_type = RTM_NEWLINK;
		mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
		nest = mnl_attr_nest_start(message, IFLA_XDP);
		mnl_attr_put_u8(message, IFLA_XDP_ATTACHED, nested[i].mode);
		mnl_attr_put(message, nested[i].type, nested[i].length, &number);
		mnl_attr_nest_end(message, nest);
		nest = mnl_attr_nest_start(message, IFLA_LINKINFO);
		mnl_attr_put(message, IFLA_INFO_KIND, nested[i].kind_length, nested[i].kind);
		mnl_attr_nest_end(message, nest);
		assert_true(link_parse(message, &link));
		assert_int_equal(link.xdp_mode, nested[i].mode);
		assert_int_equal(link.xdp_program, nested[i].program);
		assert_string_equal(link.kind, nested[i].found_kind);
	}
}

static void test_short(void **state)
{
	char buffer[64] = {0};
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct link link;

	(void)state;
	message->nlmsg_type = RTM_NEWLINK;
	assert_false(link_parse(message, &link));
}

/* The kernel's own answers. */
static void test_find(void **state)
{
	unsigned int prefix_length;
	struct link link;

	(void)state;
	assert_int_equal(link_find("lo", &link), 0);
	assert_int_equal(link.index, 1);
	assert_string_equal(link.name, "lo");
	assert_int_equal(link_get(1, &link), 0);
	assert_string_equal(link.name, "lo");
	assert_true(link_find("no-such-link", &link) < 0);
	assert_true(link_find("no-such-link-of-more-than-fifteen", &link) < 0);
	assert_false(link_address_is_local(ip_address_of_ipv4(BE32(0xc6120002)), &prefix_length));
	assert_false(link_address_is_local(
		(struct ip_address){{BE32(0x20010002), BE32(0), BE32(0), BE32(2)}},
		&prefix_length));
}

int main(void)
{
	SUITE_ADD(rows, test_parse);
	suite_add("XDP, and the kind", test_nested);
	suite_add("no room for a header", test_short);
	suite_add("statistics of any length", test_stats);
	suite_add("lo, and what is not there", test_find);
	return suite_run("link");
}
