/* SPDX-License-Identifier: BSD-3-Clause */
/* The fragments of one datagram that have come so far, in the order of their offsets. */
#ifndef UDPECHO_FRAGMENT_LIST_H
#define UDPECHO_FRAGMENT_LIST_H

#include <udpecho/datapath/chain.h>

#define FRAGMENTS_MAX CHAIN_SEGMENTS_MAX

struct fragment {
	uint32_t first;   /* its first byte in the datagram's payload */
	uint32_t end;     /* the byte behind its last one */
	uint32_t payload; /* the offset of first in the frame */
	bool last;        /* no fragment follows: More Fragments is 0 */
	struct rte_mbuf *frame;
};

struct fragment_list {
	bool has_end;  /* the last fragment is here */
	uint32_t end;  /* bytes of the datagram's payload, if has_end */
	uint32_t held; /* how many of them are here */
	unsigned int count;
	struct fragment fragments[FRAGMENTS_MAX];
};

/** Empties LIST; the frames in it belong to the caller. */
static inline void fragment_list_clear(struct fragment_list *list)
{
	list->has_end = false;
	list->held = 0;
	list->count = 0;
}

/** Whether LIST holds a fragment with the same offset and length as FRAGMENT. */
bool fragment_list_has(const struct fragment_list *list, const struct fragment *fragment);

/**
 * Whether FRAGMENT contradicts LIST: it overlaps a fragment (RFC 5722), or they disagree about
 * where the datagram ends.
 */
bool fragment_list_contradicts(const struct fragment_list *list, const struct fragment *fragment);

/** Adds FRAGMENT. LIST must have room for it, not have it yet, and not contradict it. */
void fragment_list_add(struct fragment_list *list, const struct fragment *fragment);

/** Whether LIST has every byte of the datagram. */
static inline bool fragment_list_is_whole(const struct fragment_list *list)
{
	return list->has_end && list->held >= list->end;
}

/** Joins the fragments of a whole LIST to one frame, with the headers of the first fragment. */
struct rte_mbuf *fragment_list_join(const struct fragment_list *list);

#endif
