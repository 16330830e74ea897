/* SPDX-License-Identifier: BSD-3-Clause */
/* The fragments of one datagram, as far as they have come, in the order of their places. */
#ifndef UDPECHO_FRAGMENT_LIST_H
#define UDPECHO_FRAGMENT_LIST_H

#include <udpecho/datapath/chain.h>

#define FRAGMENTS_MAX CHAIN_SEGMENTS_MAX

struct fragment {
	uint32_t first;   /* byte of the datagram's payload */
	uint32_t end;     /* the byte behind the last */
	uint32_t payload; /* where first lies in the frame */
	bool last;
	struct rte_mbuf *frame;
};

struct fragment_list {
	bool has_end;
	uint32_t end;  /* of the datagram, once its last fragment is here */
	uint32_t held; /* bytes of its payload */
	unsigned int count;
	struct fragment fragments[FRAGMENTS_MAX];
};

/** LIST holds nothing. */
static inline void fragment_list_clear(struct fragment_list *list)
{
	list->has_end = false;
	list->held = 0;
	list->count = 0;
}

/** Whether LIST holds a fragment of the same place and length as FRAGMENT. */
bool fragment_list_has(const struct fragment_list *list, const struct fragment *fragment);

/**
 * Whether FRAGMENT says something else than LIST: about the same bytes (RFC 5722), or where the
 * datagram ends.
 */
bool fragment_list_contradicts(const struct fragment_list *list, const struct fragment *fragment);

/** Adds FRAGMENT, which LIST neither has nor contradicts, and has room for. */
void fragment_list_add(struct fragment_list *list, const struct fragment *fragment);

/** Whether every byte of the datagram is here. */
static inline bool fragment_list_is_whole(const struct fragment_list *list)
{
	return list->has_end && list->held >= list->end;
}

/** Chains the payloads of a whole LIST behind the first fragment's headers. */
struct rte_mbuf *fragment_list_join(const struct fragment_list *list);

#endif
