/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock of the workers. */
#ifndef UDPECHO_TICKS_H
#define UDPECHO_TICKS_H

#include <stdint.h>

/**
 * The value of the TSC. It is a function, called once or twice for a burst, so that a test can link
 * its own clock instead: no machine lets a program set the TSC.
 */
uint64_t ticks_now(void);

#endif
