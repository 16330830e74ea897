/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What group.h finds out of an address is what the reference does, for any address to any identity:
 * scalar.c takes the one for the other. Run by programs.py.
 */
#include <udpecho/packet/packet.h>

#define VARIANT lanes
#include "../../lib/packet/plain/lanes.h"

#include "../../lib/packet/plain/group.h"
#include "symbolic/symbolic.h"

void prove_owns(void)
{
	struct identity identity;
	be32_t address;
	vec lanes;

	any(&identity, sizeof(identity));
	any(&address, sizeof(address));
	identity.ipv4_count = choose(identity.ipv4_count, 0, IDENTITY_ADDRESSES_MAX);
	lanes = vec_set(address.raw);
	check(group_owns(&identity, lanes) == identity_owns_ipv4(&identity, address), "ours");
	check(group_refuses(&identity, lanes) == identity_refuses_ipv4(&identity, address),
		"no host's, or ours");
}
