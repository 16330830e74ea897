/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every variant equals the reference: on a million random and spoilt frames (--frames=N for more),
 * and in sweeps over every value of what a check looks at (--step=N for every N-th). TAP; a failure
 * shows the frame.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "burst.h"

static unsigned int number;
static unsigned int failures;
static uint32_t step = 1;         /* of sweeps over 16 bits, to the next value */
static struct sample_burst burst; /* too large for the stack */

/* splitmix64: the same seed, the same frames. */
static uint32_t next_random(struct source *source)
{
	uint64_t z = source->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z ^ z >> 31);
}

static uint32_t next_zero(struct source *source)
{
	(void)source;
	return 0;
}

static void show_failure(const char *wrong, unsigned int index)
{
	const struct sample *sample = &burst.samples[index];

	printf("# frame %u of %u: %s\n# %" PRIu32 " bytes, shift %" PRIu32 ", verified %d:", index,
		burst.count, wrong, sample->length, sample->shift, sample->verified);
	for (uint32_t i = 0; i < sample->length && i < 128; i++)
		printf("%s%02x", i % 32 == 0 ? "\n#   " : "", sample->data[i]);
	putchar('\n');
}

/* Compares `burst`, with all that is taken written and with a part of it. */
static bool holds(const struct variant *variant, uint32_t part, uint64_t *taken)
{
	uint64_t again = 0;
	unsigned int index;
	const char *wrong = burst_compare(variant, &burst, UINT32_MAX, &index, taken);

	if (wrong == NULL && part != UINT32_MAX)
		wrong = burst_compare(variant, &burst, part, &index, &again);
	if (wrong != NULL)
		show_failure(wrong, index);
	return wrong == NULL;
}

static void result(bool passed, const struct variant *variant, const char *about)
{
	failures += !passed;
	printf("%sok %u - %s: %s\n", passed ? "" : "not ", ++number, variant->name, about);
	fflush(stdout);
}

static void test_random(const struct variant *variant, uint64_t wanted, uint64_t seed)
{
	struct source source = {.next = next_random, .state = seed};
	uint64_t frames = 0, taken = 0;
	bool passed = true;
	char about[160];

	while (frames < wanted && passed) {
		burst_make(&burst, &source);
		passed = holds(variant, next_random(&source), &taken);
		frames += burst.count;
	}
	/* Neither all nor nothing: what says little if it passes. */
	passed = passed && taken > frames / 5 && taken < frames * 4 / 5;
	snprintf(about, sizeof(about),
		"%" PRIu64 " random frames from seed %" PRIu64 ", %" PRIu64 " taken", frames, seed,
		taken);
	result(passed, variant, about);
}

/* A full burst of plain frames, each at another address. */
static void make_plain_burst(uint32_t payload_length)
{
	identity_plain(&burst.identity);
	burst.mtu = 9000;
	burst.count = PLAIN_FRAMES_MAX;
	for (unsigned int i = 0; i < burst.count; i++) {
		sample_plain(&burst.samples[i], payload_length);
		burst.samples[i].shift = i;
		burst.samples[i].data[22] = 57; /* to rise, or to fall */
		sample_fix(&burst.samples[i]);
	}
}

static void test_lengths(const struct variant *variant)
{
	uint64_t taken = 0;
	bool passed = true;

	for (uint32_t length = 0; length <= 2100 && passed; length++) {
		make_plain_burst(length);
		for (unsigned int i = 0; i < burst.count; i++) { /* right, wrong, none, padded */
			struct sample *sample = &burst.samples[i];

			sample->shift = (i + length * 32) % 64;
			if (i % 4 == 1)
				sample->data[sample->length - 1] ^= 1;
			if (i % 4 == 2)
				memset(sample->data + 40, 0, 2);
			if (i % 4 == 3)
				sample->length += i;
		}
		passed = holds(variant, UINT32_MAX, &taken);
	}
	result(passed, variant, "every length up to 2,142, good, bad, unsummed and padded");
}

static void test_positions(const struct variant *variant)
{
	uint64_t taken = 0;
	bool passed = true;

	for (unsigned int count = 1; count <= PLAIN_FRAMES_MAX; count++)
		for (unsigned int bad = 0; bad <= count && passed; bad++) {
			make_plain_burst(18);
			burst.count = count;
			if (bad < count)
				burst.samples[bad].data[20] = 0x20;
			passed = holds(variant, UINT32_C(1) << bad % 32, &taken);
		}
	result(passed, variant, "every burst size, with a bad frame at every place");
}

/* Every value of the BYTES at AT; the checksums made right or left as they are. */
static void test_values(const struct variant *variant, const char *about, uint32_t at,
	unsigned int bytes, bool fix, bool any_port)
{
	const uint32_t values = UINT32_C(1) << 8 * bytes, next = bytes == 2 ? step : 1;
	struct port_set all;
	uint64_t taken = 0;
	bool passed = true;

	memset(&all, 0xff, sizeof(all));
	for (uint32_t value = 0; value < values && passed; value += PLAIN_FRAMES_MAX * next) {
		make_plain_burst(19);
		if (any_port)
			identity_serve(&burst.identity, SERVICE_ECHO, &all);
		for (unsigned int i = 0; i < burst.count; i++) {
			uint8_t *field = burst.samples[i].data + at;

			field[0] = (uint8_t)((value + i * next) >> (bytes == 2 ? 8 : 0));
			if (bytes == 2)
				field[1] = (uint8_t)(value + i * next);
			if (fix)
				sample_fix(&burst.samples[i]);
		}
		passed = holds(variant, UINT32_MAX, &taken);
	}
	/* Those that are right may not be among every so many. */
	result(passed && (taken > 0 || step > 1), variant, about);
}

/* Both lengths agree, and are too short for a UDP header, or for an IPv4 header. */
static void test_short_lengths(const struct variant *variant)
{
	uint64_t taken = 0;
	bool passed;

	make_plain_burst(19);
	for (unsigned int i = 0; i < burst.count; i++) {
		burst.samples[i].data[17] = (uint8_t)i;
		burst.samples[i].data[38] = (uint8_t)(i < 20 ? 0xff : 0);
		burst.samples[i].data[39] = (uint8_t)(i - 20);
		memset(burst.samples[i].data + 40, 0, 2);
		sample_fix(&burst.samples[i]);
	}
	passed = holds(variant, UINT32_MAX, &taken);
	result(passed && taken == 4, variant, "lengths that agree, and are too short");
}

/* What was our address is a stranger's, who is answered, and of whom we take nothing. */
static void test_removed_address(const struct variant *variant)
{
	uint64_t taken = 0;
	bool passed;

	make_plain_burst(19);
	identity_add_address(&burst.identity, ip_prefix_of_ipv4(BE32(0xc6120003), 24));
	identity_remove_ipv4(&burst.identity, 1);
	for (unsigned int i = 0; i < burst.count; i++) {
		burst.samples[i].data[i % 2 ? 29 : 33] = 3;
		sample_fix(&burst.samples[i]);
	}
	passed = holds(variant, UINT32_MAX, &taken);
	result(passed && taken == PLAIN_FRAMES_MAX / 2, variant, "an address that was ours");
}

/* What a fuzzer begins with, and what it gives when its input has ended. */
static void test_zeros(const struct variant *variant)
{
	struct source source = {.next = next_zero};
	uint64_t taken = 0;
	bool passed;

	burst_make(&burst, &source);
	passed = holds(variant, UINT32_MAX, &taken);
	result(passed && taken == PLAIN_FRAMES_MAX, variant, "a burst made of zeros, all plain");
}

static void test_variant(const struct variant *variant, uint64_t frames, uint64_t seed)
{
	test_random(variant, frames, seed);
	test_lengths(variant);
	test_positions(variant);
	test_values(variant, "every source port", 34, 2, true, false);
	test_values(variant, "every destination port", 36, 2, true, false);
	test_values(variant, "every source port, any served", 34, 2, true, true);
	test_values(variant, "every destination port, any served", 36, 2, true, true);
	test_values(variant, "every source network", 26, 1, true, false);
	test_values(variant, "every last byte of the source", 29, 1, true, false);
	test_values(variant, "every TTL", 22, 1, true, false);
	test_values(variant, "every TTL, any port served", 22, 1, true, true);
	test_values(variant, "every protocol", 23, 1, true, false);
	test_values(variant, "every version and header length", 14, 1, true, false);
	test_values(variant, "every TOS", 15, 1, true, false);
	test_values(variant, "every type of Ethernet", 12, 2, true, false);
	test_values(variant, "every fragment field", 20, 2, true, false);
	test_values(variant, "every total length", 16, 2, true, false);
	test_values(variant, "every UDP length", 38, 2, true, false);
	test_values(variant, "every IPv4 checksum", 24, 2, false, false);
	test_values(variant, "every UDP checksum", 40, 2, false, false);
	test_values(variant, "every identification, so every IPv4 checksum", 18, 2, true, false);
	test_values(variant, "every identification, where the TTL falls", 18, 2, true, true);
	test_short_lengths(variant);
	test_removed_address(variant);
	test_zeros(variant);
}

int main(int count, char *arguments[])
{
	uint64_t frames = 1000 * 1000, seed = 1;
	char only[16] = "";
	unsigned int variant_count;
	const struct variant *variants = plain_variants(&variant_count);

	for (int i = 1; i < count; i++)
		if (sscanf(arguments[i], "--frames=%" SCNu64, &frames) != 1 &&
			sscanf(arguments[i], "--seed=%" SCNu64, &seed) != 1 &&
			(sscanf(arguments[i], "--step=%" SCNu32, &step) != 1 || step == 0) &&
			sscanf(arguments[i], "--variant=%15s", only) != 1) {
			fputs("usage: test_equal [--frames=N] [--seed=N] [--step=N] "
			      "[--variant=NAME]\n",
				stderr);
			return 2;
		}
	for (unsigned int i = 1; i < variant_count; i++) {
		if (only[0] != '\0' && strcmp(only, variants[i].name) != 0)
			continue;
		if (variant_runs(&variants[i]))
			test_variant(&variants[i], frames, seed);
		else
			printf("ok %u - %s # SKIP this CPU has no such instructions\n", ++number,
				variants[i].name);
	}
	printf("1..%u\n", number);
	return failures != 0;
}
