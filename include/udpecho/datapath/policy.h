/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that may change while the appliance runs, for one device: a snapshot, never written once
 * workers have it. A reload gives them another, between two bursts, so that no frame is judged by
 * half of one and half of the other.
 */
#ifndef UDPECHO_POLICY_H
#define UDPECHO_POLICY_H

#include <udpecho/datapath/limits.h>
#include <udpecho/packet/identity.h>

struct policy {
	struct identity identity;
	uint32_t mtu;          /* of replies: longer ones go in fragments */
	struct limits *limits; /* shared by the device's queues; NULL: there are none */
};

#endif
