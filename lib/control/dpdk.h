/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where DPDK 22.11, 23.11 and 24.11 differ for us. Everything else is written once, for all of
 * them: each line here goes when the oldest release that it is for is no longer supported.
 */
#ifndef UDPECHO_DPDK_H
#define UDPECHO_DPDK_H

#include <rte_telemetry.h>
#include <rte_version.h>

/* 23.03 names the type of numbers in telemetry uint; the old name, u64, is deprecated. */
#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
#define rte_tel_data_add_dict_uint rte_tel_data_add_dict_u64
#endif

#endif
