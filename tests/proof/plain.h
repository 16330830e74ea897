/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contracts of contracts.h, and of the sum over a datagram: that the datagram ends inside the
 * frame was checked by a mask, which an interval can't follow. programs.py proves that it does.
 */
#ifndef PROOF_PLAIN_H
#define PROOF_PLAIN_H

#include "../../lib/packet/plain/frame.h"
#include "contracts.h"

/*@ assigns \result \from indirect:h, end;
    ensures \result == 0 || \result == 1; */
static bool datagram_sums(const struct plain_headers *h, uint32_t end);

#endif
