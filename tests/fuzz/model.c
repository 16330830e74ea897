/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "fuzz.h"
#include "model.h"

static unsigned int mbufs_of(const struct model_datagram *datagram)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < datagram->count; i++)
		sum += datagram->held[i].mbufs;
	return sum;
}

unsigned int model_mbufs(const struct model *model)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < model->count; i++)
		sum += mbufs_of(&model->datagrams[i]);
	return sum;
}

static void forget(struct model *model, struct model_datagram *datagram)
{
	model->count--;
	memmove(datagram, datagram + 1,
		(size_t)(&model->datagrams[model->count] - datagram) * sizeof(*datagram));
}

static unsigned int mbufs_from(const struct model *model, uint32_t source)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < model->count; i++)
		if (model->datagrams[i].source == source)
			sum += mbufs_of(&model->datagrams[i]);
	return sum;
}

/* The oldest but the one with KEY gives way, one of SOURCE's where that is not NULL. */
static bool give_way(struct model *model, uint32_t key, const uint32_t *source)
{
	for (unsigned int i = 0; i < model->count; i++) {
		struct model_datagram *oldest = &model->datagrams[i];

		if (oldest->key == key || (source != NULL && oldest->source != *source))
			continue;
		model->expired += oldest->count;
		model->evicted += oldest->count;
		forget(model, oldest);
		return true;
	}
	return false;
}

static bool make_room(struct model *model, uint32_t key, uint32_t source, unsigned int mbufs)
{
	while (mbufs_from(model, source) + mbufs > model->mbufs_max / 2)
		if (!give_way(model, key, &source))
			return false;
	while (model_mbufs(model) + mbufs > model->mbufs_max)
		if (!give_way(model, key, NULL))
			return false;
	return true;
}

/*
 * The oldest first, and none that is younger than one that stays. Where the clock was set back by
 * more than they wait, they wait from now on.
 */
void model_expire(struct model *model, uint64_t now)
{
	while (model->count > 0) {
		struct model_datagram *oldest = &model->datagrams[0];

		if (now < oldest->created && oldest->created - now > model->timeout)
			for (unsigned int i = 0; i < model->count; i++)
				model->datagrams[i].created = now;
		if (now < oldest->created || now - oldest->created < model->timeout)
			return;
		model->expired += oldest->count;
		forget(model, oldest);
	}
}

static struct model_datagram *find(struct model *model, uint32_t key, uint32_t source, uint64_t now)
{
	struct model_datagram *made;

	for (unsigned int i = 0; i < model->count; i++)
		if (model->datagrams[i].key == key)
			return &model->datagrams[i];
	require(model->count < MODEL_DATAGRAMS, "the model has no room");
	made = &model->datagrams[model->count++];
	made->key = key;
	made->source = source;
	made->created = now;
	made->condemned = false;
	made->count = 0;
	return made;
}

static bool is_held(const struct model_datagram *datagram, const struct piece *piece)
{
	for (unsigned int i = 0; i < datagram->count; i++) {
		const struct piece *held = &datagram->held[i];

		if (held->first == piece->first && held->end == piece->end &&
			held->last == piece->last)
			return true;
	}
	return false;
}

/* Two pieces can't both be of one datagram: a byte is in both, or one is behind the other's end. */
static bool contradict(const struct piece *a, const struct piece *b)
{
	if (a->first < b->end && b->first < a->end)
		return true;
	if (a->last && b->last && a->end != b->end)
		return true;
	return (a->last && b->end > a->end) || (b->last && a->end > b->end);
}

static bool is_whole(const struct model_datagram *datagram, uint8_t payload[MODEL_BYTES],
	uint32_t *length, struct piece *first)
{
	uint32_t bytes = 0;
	bool has_end = false, has_first = false;

	for (unsigned int i = 0; i < datagram->count; i++) {
		const struct piece *held = &datagram->held[i];

		bytes += held->end - held->first;
		if (held->last) {
			has_end = true;
			*length = held->end;
		}
		if (held->first == 0) {
			has_first = true;
			*first = *held;
		}
		if (held->end <= MODEL_BYTES)
			memcpy(payload + held->first, held->payload, held->end - held->first);
	}
	return has_end && has_first && bytes == *length;
}

enum outcome model_add(struct model *model, uint32_t key, uint32_t source,
	const struct piece *piece, uint64_t now, uint8_t payload[MODEL_BYTES], uint32_t *length,
	struct piece *first)
{
	struct model_datagram *datagram;
	bool fits;

	model_expire(model, now);
	datagram = find(model, key, source, now);
	if (datagram->condemned || is_held(datagram, piece) || datagram->count == MODEL_HELD)
		return OUTCOME_REFUSED;
	for (unsigned int i = 0; i < datagram->count; i++)
		if (contradict(&datagram->held[i], piece)) {
			model->expired += datagram->count;
			datagram->count = 0;
			datagram->condemned = true;
			return OUTCOME_REFUSED;
		}
	if (!make_room(model, key, source, piece->mbufs))
		return OUTCOME_REFUSED;
	datagram = find(model, key, source, now); /* it may have moved up */
	datagram->held[datagram->count++] = *piece;
	if (!is_whole(datagram, payload, length, first))
		return OUTCOME_KEPT;
	fits = first->header_length + *length <= 65535;
	if (!fits)
		model->expired += datagram->count - 1; /* the last is the caller's */
	forget(model, datagram);
	return fits ? OUTCOME_WHOLE : OUTCOME_REFUSED;
}
