/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our claim to the addresses of a device, by RFC 5227: probed, announced, defended, and given up
 * where another station has one. But for its 2.1: who asks meanwhile is answered, so that a new
 * start costs nobody an echo.
 */
#ifndef UDPECHO_CLAIM_H
#define UDPECHO_CLAIM_H

#include "watch/watch.h"

/** The link of device number INDEX came up, or it got other addresses: nobody knows them yet. */
void claim_begin(struct watch *watch, unsigned int index, double now);

/** The device has another MAC: tells whoever knows its addresses. */
void claim_renew(struct watch *watch, unsigned int index);

/** Goes on with what is due NOW, and sees to what other stations claim. */
void claim_watch(struct watch *watch, unsigned int index, double now);

#endif
