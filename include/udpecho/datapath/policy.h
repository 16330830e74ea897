/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All that may change for one device while the appliance runs. A policy is a snapshot: nobody
 * writes it once workers have it. A reload gives them another one between two bursts, so that no
 * frame is judged by half of the old policy and half of the new one.
 */
#ifndef UDPECHO_POLICY_H
#define UDPECHO_POLICY_H

#include <udpecho/datapath/limits.h>
#include <udpecho/packet/identity.h>

struct policy {
	struct identity identity;
	uint32_t mtu;          /* bytes; a longer reply goes out in fragments */
	struct limits *limits; /* all queues of the device share them; NULL: there are none */
};

#endif
