/* SPDX-License-Identifier: BSD-3-Clause */
#include "match.h"

#include "probe.h"

enum match match_find(
	struct flow *flow, uint64_t run, const uint8_t *bytes, size_t length, struct slot **slot)
{
	const bool has_due = length >= PROBE_SIZE_MIN;
	struct slot *by_sequence, *by_due = NULL;
	struct probe got;

	if (!probe_read(bytes, length, &got))
		return MATCH_NONE;
	by_sequence = got.flow == flow->number ? flow_find(flow, got.sequence) : NULL;
	if (by_sequence != NULL && has_due && by_sequence->due == got.due) {
		*slot = by_sequence;
		return MATCH_SLOT;
	}
	if (got.run != run)
		return MATCH_NONE;
	if (has_due)
		by_due = flow_find_due(flow, got.due);
	*slot = by_due != NULL ? by_due : by_sequence;
	if (*slot != NULL)
		return MATCH_SLOT;
	return got.flow == flow->number && got.sequence < flow->next ? MATCH_FORGOTTEN : MATCH_NONE;
}
