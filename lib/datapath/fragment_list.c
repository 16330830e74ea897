/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "fragment_list.h"

/* The place of FRAGMENT in LIST: behind all fragments that begin before it or at the same byte. */
static unsigned int place_of(const struct fragment_list *list, const struct fragment *fragment)
{
	unsigned int place = list->count;

	while (place > 0 && list->fragments[place - 1].first > fragment->first)
		place--;
	return place;
}

bool fragment_list_has(const struct fragment_list *list, const struct fragment *fragment)
{
	for (unsigned int i = place_of(list, fragment); i-- > 0;) {
		const struct fragment *other = &list->fragments[i];

		if (other->first != fragment->first)
			return false;
		if (other->end == fragment->end && other->last == fragment->last)
			return true;
	}
	return false;
}

bool fragment_list_contradicts(const struct fragment_list *list, const struct fragment *fragment)
{
	const unsigned int place = place_of(list, fragment);
	const struct fragment *before = place > 0 ? &list->fragments[place - 1] : NULL;
	const struct fragment *behind = place < list->count ? &list->fragments[place] : NULL;

	if (before != NULL && before->end > fragment->first)
		return true;
	if (behind != NULL && behind->first < fragment->end)
		return true;
	if (list->has_end &&
		(fragment->end > list->end || (fragment->last && fragment->end != list->end)))
		return true;
	return fragment->last && list->count > 0 &&
	       list->fragments[list->count - 1].end > fragment->end;
}

void fragment_list_add(struct fragment_list *list, const struct fragment *fragment)
{
	const unsigned int place = place_of(list, fragment);

	memmove(&list->fragments[place + 1], &list->fragments[place],
		(list->count - place) * sizeof(*fragment));
	list->fragments[place] = *fragment;
	list->count++;
	list->held += fragment->end - fragment->first;
	if (fragment->last) {
		list->has_end = true;
		list->end = fragment->end;
	}
}

struct rte_mbuf *fragment_list_join(const struct fragment_list *list)
{
	const struct fragment *first = &list->fragments[0];
	struct rte_mbuf *whole = first->frame, *tail;

	chain_trim(whole, 0, first->payload + first->end - first->first);
	tail = rte_pktmbuf_lastseg(whole);
	for (unsigned int i = 1; i < list->count; i++) {
		const struct fragment *next = &list->fragments[i];

		chain_trim(next->frame, (int)next->payload, next->end - next->first);
		tail->next = next->frame;
		tail = rte_pktmbuf_lastseg(next->frame);
		whole->nb_segs = (uint16_t)(whole->nb_segs + next->frame->nb_segs);
		whole->pkt_len += next->frame->pkt_len;
	}
	return whole;
}
