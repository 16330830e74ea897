/* SPDX-License-Identifier: BSD-3-Clause */
#include "probe.h"

#include <endian.h>
#include <string.h>

#define SEQUENCE_MASK ((UINT64_C(1) << 48) - 1)

static void put(uint8_t *bytes, uint64_t value)
{
	value = htobe64(value);
	memcpy(bytes, &value, sizeof(value));
}

static uint64_t get(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return be64toh(value);
}

void probe_write(uint8_t *bytes, size_t length, const struct probe *probe)
{
	const uint64_t seed = probe->run + probe->sequence * 31 + probe->flow;

	put(bytes, probe->run);
	put(bytes + 8, (uint64_t)probe->flow << 48 | (probe->sequence & SEQUENCE_MASK));
	put(bytes + 16, probe->due);
	for (size_t i = PROBE_SIZE_MIN; i < length; i++)
		bytes[i] = (uint8_t)(seed + i * 7 + (i >> 8));
}

bool probe_read(const uint8_t *bytes, size_t length, struct probe *probe)
{
	uint64_t mark;

	if (length < 16)
		return false;
	mark = get(bytes + 8);
	*probe = (struct probe){.run = get(bytes),
		.flow = (uint16_t)(mark >> 48),
		.sequence = mark & SEQUENCE_MASK,
		.due = length < PROBE_SIZE_MIN ? 0 : get(bytes + 16)};
	return true;
}

enum fate probe_compare(const uint8_t *got, size_t got_length, const uint8_t *sent, size_t length)
{
	if (memcmp(got, sent, got_length < length ? got_length : length) != 0)
		return FATE_CORRUPTED;
	if (got_length == length)
		return FATE_RECEIVED;
	return got_length < length ? FATE_TRUNCATED : FATE_EXTENDED;
}

size_t probe_length(uint64_t run, uint64_t sequence, size_t least, size_t most)
{
	uint64_t mixed = (run ^ sequence) * UINT64_C(0x9e3779b97f4a7c15);

	mixed ^= mixed >> 29;
	return least + (size_t)(mixed % (most - least + 1));
}
