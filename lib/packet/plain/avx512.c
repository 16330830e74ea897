/* SPDX-License-Identifier: BSD-3-Clause */
#define VARIANT avx512
#include "avx512.h"

#include "group.h"
