/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "burst.h"

#define HEADROOM 64

bool variant_runs(const struct variant *variant)
{
#ifdef __x86_64__
	if (variant->bits == 256)
		return __builtin_cpu_supports("avx2");
	if (variant->bits == 512)
		return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
	return variant->bits == 64 || variant->bits == 128; /* NEON, where it is built */
}

/* Says again, and slowly, which frames are plain: a variant must take them. */
static bool is_plain(const struct sample_burst *burst, const struct sample *sample,
	enum verdict verdict, const struct datagram *datagram)
{
	return verdict == VERDICT_UDP_ECHO && !datagram->checksum_partial && !sample->hidden &&
	       sample->length >= 46 && sample_word(sample, 12) == 0x0800 &&
	       sample->data[14] == 0x45 &&
	       sample_word(sample, 16) == sample_word(sample, 38) + 20 &&
	       sample_word(sample, 16) <= burst->mtu;
}

/* A frame as the variant and as the reference see it, each in memory of its own to the byte. */
struct pair {
	uint8_t *rooms[2];
	uint8_t *fast;
	struct frame reference;
};

static uint8_t *put_frame(uint8_t **room, const struct sample *sample)
{
	const uint32_t before = HEADROOM + sample->shift;
	void *memory;

	if (posix_memalign(&memory, 64, before + sample->length) != 0)
		abort();
	*room = memory;
	memset(*room, 0xa5, before);
	memcpy(*room + before, sample->data, sample->length);
	return *room + before;
}

static void make_pair(struct pair *pair, const struct sample *sample)
{
	pair->fast = put_frame(&pair->rooms[0], sample);
	pair->reference = (struct frame){
		.data = put_frame(&pair->rooms[1], sample),
		.contiguous = sample->length,
		.length = sample->length,
		.headroom = HEADROOM,
		.l4_checksum_good = sample->verified,
	};
}

static const char *compare_frame(const struct sample_burst *burst, const struct sample *sample,
	struct pair *pair, bool taken, bool written, uint32_t reply_length, bool padded)
{
	struct datagram datagram = {0};
	const enum verdict verdict = packet_read(&pair->reference, &burst->identity, &datagram);

	if (taken && verdict != VERDICT_UDP_ECHO)
		return "taken, and the reference drops it";
	if (taken && datagram.checksum_partial)
		return "taken, and its checksum is partial";
	if (taken && sample_word(sample, 16) > burst->mtu)
		return "taken, and its reply is longer than the MTU";
	if (!taken && is_plain(burst, sample, verdict, &datagram))
		return "plain, and not taken";
	if (!written)
		return memcmp(pair->fast, sample->data, sample->length) != 0
			       ? "not written, and changed"
			       : NULL;
	packet_write_reply(&pair->reference, &burst->identity, verdict, &datagram);
	if (reply_length != pair->reference.length)
		return "another length than the reference's";
	if (padded != (reply_length < sample->length))
		return "padded, and does not say so; or the reverse";
	if (memcmp(pair->fast, pair->reference.data, reply_length) != 0)
		return "another reply than the reference's";
	if (memcmp(pair->fast + reply_length, sample->data + reply_length,
		    sample->length - reply_length) != 0)
		return "bytes behind the reply have changed";
	return NULL;
}

const char *burst_compare(const struct variant *variant, const struct sample_burst *burst,
	uint32_t written, unsigned int *index, uint64_t *taken)
{
	static struct pair pairs[PLAIN_FRAMES_MAX];
	struct plain_frames frames = {
		.count = burst->count, .mtu = burst->mtu, .padded = UINT32_MAX};
	const char *wrong = NULL;
	uint32_t set;

	/* The variant must clear what an earlier burst left there. */
	for (unsigned int i = 0; i < PLAIN_FRAMES_MAX; i++)
		frames.length[i] = 60;
	for (unsigned int i = 0; i < burst->count; i++) {
		const struct sample *sample = &burst->samples[i];

		make_pair(&pairs[i], sample);
		frames.data[i] = pairs[i].fast;
		frames.length[i] = sample->hidden ? 0 : sample->length;
		frames.verified |= (uint32_t)sample->verified << i;
	}
	set = plain_read(variant, &burst->identity, &frames);
	*taken += (unsigned int)__builtin_popcount(set);
	for (unsigned int i = 0; i < burst->count && wrong == NULL; i++) {
		*index = i;
		if (memcmp(pairs[i].fast, burst->samples[i].data, burst->samples[i].length) != 0)
			wrong = "read, and changed";
	}
	if (wrong == NULL && burst->count < 32 && set >> burst->count != 0)
		wrong = "more taken than there are";
	written &= set;
	if (wrong == NULL && written != 0)
		variant->write(&frames, written);
	for (unsigned int i = 0; i < burst->count; i++) {
		if (wrong == NULL) {
			*index = i;
			wrong = compare_frame(burst, &burst->samples[i], &pairs[i], set >> i & 1,
				written >> i & 1, frames.reply_length[i], frames.padded >> i & 1);
		}
		free(pairs[i].rooms[0]);
		free(pairs[i].rooms[1]);
	}
	return wrong;
}
