/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cpuflags.h>
#include <rte_vect.h>

#include "variant.h"

/* Returns whether the CPU has all instructions of VARIANT; see lib/packet/meson.build. */
static bool cpu_has(const struct variant *variant)
{
	static const struct {
		const char *name;
		enum rte_cpu_flag_t flags[4];
	} wanted[] = {
#ifdef __x86_64__
		{"avx2", {RTE_CPUFLAG_AVX2, RTE_CPUFLAG_BMI1, RTE_CPUFLAG_AVX2, RTE_CPUFLAG_AVX2}},
		{"avx512", {RTE_CPUFLAG_AVX512F, RTE_CPUFLAG_AVX512BW, RTE_CPUFLAG_AVX512VL,
				   RTE_CPUFLAG_BMI1}},
#elif defined(__aarch64__)
		{"neon", {RTE_CPUFLAG_NEON, RTE_CPUFLAG_NEON, RTE_CPUFLAG_NEON, RTE_CPUFLAG_NEON}},
#endif
	};

	for (size_t i = 0; i < RTE_DIM(wanted); i++)
		if (strcmp(variant->name, wanted[i].name) == 0)
			for (size_t j = 0; j < RTE_DIM(wanted[i].flags); j++)
				if (rte_cpu_get_flag_enabled(wanted[i].flags[j]) != 1)
					return false;
	return true;
}

const struct variant *variant_choose(const struct variant *forced, struct error *error)
{
	unsigned int count;
	const struct variant *variants = plain_variants(&count);

	if (forced != NULL) {
		if (cpu_has(forced))
			return forced;
		error_set_usage(error,
			"option --variant: this CPU does not have %s: leave the option out",
			forced->name);
		return NULL;
	}
	while (--count > 0)
		if (variants[count].bits <= rte_vect_get_max_simd_bitwidth() &&
			cpu_has(&variants[count]))
			break;
	return &variants[count];
}
