/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters in tcpdump's language, run by DPDK. */
#ifndef UDPECHO_CAPTURE_FILTER_H
#define UDPECHO_CAPTURE_FILTER_H

#include <rte_bpf.h>

#include <udpecho/control/error.h>

/**
 * Makes TEXT, as in pcap-filter(7), into what rte_bpf_exec() takes, with an mbuf: 0 where it does
 * not match. The caller's to rte_bpf_destroy(). 0, or -errno and what is wrong with TEXT.
 */
int capture_filter_make(struct rte_bpf **filter, const char *text, struct error *error);

#endif
