/* SPDX-License-Identifier: BSD-3-Clause */
#define VARIANT neon
#include "neon.h"

#include "group.h"
