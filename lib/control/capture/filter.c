/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <pcap/pcap.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "capture/filter.h"

/*
 * DPDK 22.11 forgets the index register of loads of one and of four bytes, such as udp[8] makes: it
 * takes the bit of their size for the bit of their source. This fixes those loads, and changes
 * nothing that a later DPDK converts right.
 */
static void fix_indexed_loads(const struct rte_bpf_prm *converted)
{
	struct ebpf_insn *instructions = (struct ebpf_insn *)(uintptr_t)converted->ins;

	for (uint32_t i = 0; i < converted->nb_ins; i++)
		if (BPF_CLASS(instructions[i].code) == BPF_LD &&
			BPF_MODE(instructions[i].code) == BPF_IND &&
			instructions[i].src_reg == EBPF_REG_0)
			instructions[i].src_reg = EBPF_REG_7; /* X of classic BPF */
}

int capture_filter_make(struct rte_bpf **filter, const char *text, struct error *error)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, UINT16_MAX);
	struct bpf_program program;
	struct rte_bpf_prm *converted;
	int result = 0;

	if (pcap == NULL)
		return error_set(error, ENOMEM, "no memory for the filter");
	if (pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		result = error_set(error, EINVAL, "filter: %s", pcap_geterr(pcap));
		pcap_close(pcap);
		return result;
	}
	converted = rte_bpf_convert(&program);
	if (converted != NULL)
		fix_indexed_loads(converted);
	*filter = converted != NULL ? rte_bpf_load(converted) : NULL;
	if (*filter == NULL)
		result = error_set(error, rte_errno != 0 ? rte_errno : EINVAL,
			"filter: DPDK cannot run it: %s", rte_strerror(rte_errno));
	rte_free(converted);
	pcap_freecode(&program);
	pcap_close(pcap);
	return result;
}
