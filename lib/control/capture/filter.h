/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters in tcpdump's language, which DPDK runs. */
#ifndef UDPECHO_CAPTURE_FILTER_H
#define UDPECHO_CAPTURE_FILTER_H

#include <rte_bpf.h>

#include <udpecho/control/error.h>

/**
 * Makes a FILTER of TEXT, in the language of pcap-filter(7). rte_bpf_exec() runs it on an mbuf, and
 * returns 0 if the frame does not match. The caller frees it with rte_bpf_destroy(). Returns 0, or
 * -errno with an error that says what is wrong with TEXT.
 */
int capture_filter_make(struct rte_bpf **filter, const char *text, struct error *error);

#endif
