/* SPDX-License-Identifier: BSD-3-Clause */
#define VARIANT scalar
#include "lanes.h"

#include "group.h"
