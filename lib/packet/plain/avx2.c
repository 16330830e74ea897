/* SPDX-License-Identifier: BSD-3-Clause */
#define VARIANT avx2
#include "avx2.h"

#include "group.h"
