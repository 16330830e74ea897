/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checks of work that a sender leaves to the hardware of a link that has none: to complete
 * checksums, and to cut a frame into datagrams. Senders are at the other end of the interface or,
 * if it is a bridge, a bond or a VLAN, at the other ends of those below it.
 */
#include <string.h>

#include <udpecho/control/device.h>

#include "doctor/checks.h"
#include "doctor/tree.h"
#include "foreign.h"

#define NET "/sys/class/net"

enum sight {
	SIGHT_FINE,
	SIGHT_UNSEEN, /* the other end is software: nobody can tell */
	SIGHT_AWAY,   /* the other end of a veth is in another network namespace */
	SIGHT_SENDER, /* the other end of a veth leaves the work */
	SIGHT_OWN,    /* this end makes the work */
};

struct sender {
	enum sight sight;
	char name[16]; /* the interface that the sight is about */
};

/* What to look for on this end, and on the sender's; NULL: nothing. */
struct habit {
	bool (*of_own)(const struct machine *machine, const char *interface);
	bool (*of_sender)(const struct machine *machine, const char *interface);
};

/*
 * Fills PEER with the name of the other end of a veth, if it is in this network namespace: each end
 * has the other's number; in another namespace, any interface may have that number.
 */
static bool find_peer(const struct machine *machine, const char *interface, char *peer, size_t size)
{
	const long own = tree_number(machine, -1, NET "/%s/ifindex", interface);
	const long other = tree_number(machine, -1, NET "/%s/iflink", interface);
	bool found = false;
	glob_t all;

	tree_glob(machine, &all, NET "/*");
	for (size_t i = 0; i < all.gl_pathc && !found; i++) {
		const char *name = tree_name(all.gl_pathv[i]);

		found = strcmp(name, interface) != 0 && machine->is_veth(name) &&
			tree_number(machine, -2, NET "/%s/ifindex", name) == other &&
			tree_number(machine, -2, NET "/%s/iflink", name) == own;
		if (found)
			snprintf(peer, size, "%s", name);
	}
	globfree(&all);
	return found;
}

/* Whether frames come from a wire: there, their checksums are complete. */
static bool is_wire(const struct machine *machine, const char *interface)
{
	char driver[32];

	return tree_link(machine, driver, sizeof(driver), NET "/%s/device/driver", interface) &&
	       strcmp(driver, "virtio_net") != 0 && strcmp(driver, "vif") != 0;
}

static struct sender look_at_one(
	const struct machine *machine, const struct habit *habit, const char *interface)
{
	struct sender sender = {.sight = SIGHT_FINE};
	char peer[16];

	snprintf(sender.name, sizeof(sender.name), "%s", interface);
	if (!machine->is_veth(interface)) {
		sender.sight = is_wire(machine, interface) ? SIGHT_FINE : SIGHT_UNSEEN;
	} else if (!find_peer(machine, interface, peer, sizeof(peer))) {
		sender.sight = SIGHT_AWAY;
	} else {
		sender.sight = habit->of_sender(machine, peer) ? SIGHT_SENDER : SIGHT_FINE;
		snprintf(sender.name, sizeof(sender.name), "%s", peer);
	}
	return sender;
}

/* The worst sight of the interface and of those below it. */
/* NOLINTNEXTLINE(misc-no-recursion): interfaces are stacked a few high, and never in a ring */
static struct sender look(
	const struct machine *machine, const struct habit *habit, const char *interface)
{
	struct sender worst = {.sight = SIGHT_FINE};
	glob_t lower;

	tree_glob(machine, &lower, NET "/%s/lower_*", tree_escape(interface).text);
	if (lower.gl_pathc == 0)
		worst = look_at_one(machine, habit, interface);
	for (size_t i = 0; i < lower.gl_pathc; i++) {
		const char *name = tree_name(lower.gl_pathv[i]) + strlen("lower_");
		const struct sender one = look(machine, habit, name);

		if (i == 0 || one.sight > worst.sight)
			worst = one;
	}
	globfree(&lower);
	if (habit->of_own != NULL && habit->of_own(machine, interface)) {
		worst.sight = SIGHT_OWN;
		snprintf(worst.name, sizeof(worst.name), "%s", interface);
	}
	return worst;
}

/* Whether nobody can tell; if so, says it. FEATURE is what ethtool could switch off there. */
static bool say_unseen(struct doctor *doctor, const struct sender *sender, const char *feature)
{
	if (sender->sight == SIGHT_UNSEEN)
		doctor_say(doctor, DOCTOR_UNSEEN,
			"%s is no wire: nobody can tell what its senders leave to hardware",
			sender->name);
	if (sender->sight == SIGHT_AWAY)
		doctor_say(doctor, DOCTOR_UNSEEN,
			"the other end of %s is in another network namespace", sender->name);
	if (sender->sight == SIGHT_UNSEEN || sender->sight == SIGHT_AWAY)
		doctor_fix(doctor,
			"ethtool -K PEER %s off # at the other end, for the interface that sends",
			feature);
	return sender->sight == SIGHT_UNSEEN || sender->sight == SIGHT_AWAY;
}

static bool leaves_checksums(const struct machine *machine, const char *interface)
{
	return machine->leaves_checksums(interface) > 0;
}

void doctor_check_offloads(struct doctor *doctor, const struct subject *subject)
{
	static const struct habit habit = {.of_sender = leaves_checksums};
	const struct sender sender = look(doctor->machine, &habit, subject->interface);

	if (say_unseen(doctor, &sender, "tx"))
		return;
	if (sender.sight == SIGHT_FINE) {
		doctor_say(doctor, DOCTOR_OK, "checksums come complete, from %s", sender.name);
		return;
	}
	if (doctor->config->partial_checksums != PARTIAL_OFF)
		doctor_say(doctor, DOCTOR_SLOW,
			"%s, the other end, sends incomplete UDP checksums: udpechod completes "
			"them",
			sender.name);
	else
		doctor_say(doctor, DOCTOR_STOP,
			"%s, the other end, sends incomplete UDP checksums, which "
			"partial-checksums=off forbids",
			sender.name);
	doctor_fix(doctor, "ethtool -K %s tx off", foreign_word(sender.name).text);
}

static bool puts_together(const struct machine *machine, const char *interface)
{
	return machine->has_feature(interface, "rx-udp-gro-forwarding") > 0 ||
	       machine->has_feature(interface, "rx-gro-list") > 0;
}

static bool sends_together(const struct machine *machine, const char *interface)
{
	return machine->has_feature(interface, "tx-udp-segmentation") > 0;
}

/* See VERDICT_ETH_SUPERFRAME. XDP gets frames before GRO, and a veth cuts frames apart for XDP. */
void doctor_check_superframes(struct doctor *doctor, const struct subject *subject)
{
	static const struct habit habit = {puts_together, sends_together};
	struct sender sender;

	if (strcmp(subject->device->kind->prefix, "af_xdp") == 0) {
		doctor_say(doctor, DOCTOR_OK, "AF_XDP gets each datagram in a frame of its own");
		return;
	}
	sender = look(doctor->machine, &habit, subject->interface);
	if (say_unseen(doctor, &sender, "tx-udp-segmentation"))
		return;
	if (sender.sight == SIGHT_OWN) {
		doctor_say(doctor, DOCTOR_RISK,
			"the kernel joins UDP datagrams that come together on %s into one frame "
			"(GRO), which udpechod drops",
			sender.name);
		doctor_fix(doctor, "ethtool -K %s rx-udp-gro-forwarding off rx-gro-list off",
			foreign_word(sender.name).text);
	} else if (sender.sight == SIGHT_SENDER) {
		doctor_say(doctor, DOCTOR_RISK,
			"%s, the other end, may send several datagrams as one frame (UDP GSO), "
			"which "
			"udpechod drops",
			sender.name);
		doctor_fix(doctor, "ethtool -K %s tx-udp-segmentation off",
			foreign_word(sender.name).text);
	} else {
		doctor_say(doctor, DOCTOR_OK, "each frame has one datagram, from %s", sender.name);
	}
}
