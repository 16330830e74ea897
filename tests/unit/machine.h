/* SPDX-License-Identifier: BSD-3-Clause */
/* A server with two NUMA nodes, a management NIC and two ports for udpechod, in perfect order. */
#ifndef UNIT_MACHINE_H
#define UNIT_MACHINE_H

#include "tree.h"

extern const struct tree_file server[];

#endif
