/* SPDX-License-Identifier: BSD-3-Clause */
/* The clock that workers measure by. */
#ifndef UDPECHO_TICKS_H
#define UDPECHO_TICKS_H

#include <stdint.h>

/**
 * The TSC. A function, once or twice a burst, so that a test can link a clock of its own in its
 * place: no machine lets one set the TSC.
 */
uint64_t ticks_now(void);

#endif
