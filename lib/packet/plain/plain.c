/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

enum { REFERENCE, SCALAR };

static const struct variant variants[] = {
	[REFERENCE] = {.name = "reference"},
	[SCALAR] = {.name = "scalar",
		.bits = 64,
		.read = plain_read_scalar,
		.write = plain_write_scalar},
#ifdef __x86_64__
	{.name = "avx2",
		.bits = 256,
		.least = 3,
		.read = plain_read_avx2,
		.write = plain_write_avx2},
	{.name = "avx512",
		.bits = 512,
		.least = 6,
		.read = plain_read_avx512,
		.write = plain_write_avx512},
#elif defined(__aarch64__)
	{.name = "neon",
		.bits = 128,
		.least = 2,
		.read = plain_read_neon,
		.write = plain_write_neon},
#endif
};

const struct variant *plain_variants(unsigned int *count)
{
	*count = sizeof(variants) / sizeof(variants[0]);
	return variants;
}

const struct variant *plain_variant_for(const struct variant *variant, unsigned int count)
{
	return count < variant->least ? &variants[SCALAR] : variant;
}

static be32_t source_of(const uint8_t *data)
{
	return ((const struct ipv4_header *)(data + PLAIN_IP))->source;
}

struct ip_address plain_source(const uint8_t *data)
{
	return ip_address_of_ipv4(source_of(data));
}

uint32_t plain_read(
	const struct variant *variant, const struct identity *identity, struct plain_frames *frames)
{
	uint32_t set = variant->read != NULL ? variant->read(identity, frames) : 0;

	if (identity->source_is_allowed == NULL)
		return set;
	for (uint32_t rest = set; rest != 0; rest &= rest - 1) {
		const unsigned int i = (unsigned int)__builtin_ctz(rest);

		if (!identity->source_is_allowed(
			    identity->acl, ip_address_of_ipv4(source_of(frames->data[i]))))
			set &= ~(UINT32_C(1) << i);
	}
	return set;
}
