/* SPDX-License-Identifier: BSD-3-Clause */
/* Text of whatever bytes in JSON, which wants UTF-8. */
#ifndef UDPECHO_JSON_TEXT_H
#define UDPECHO_JSON_TEXT_H

#include <jansson.h>

/**
 * Returns the first LENGTH bytes of TEXT as a string of JSON, with U+FFFD in place of each byte
 * that is not part of a character of UTF-8: a file, an argument or a cut may leave such.
 */
json_t *json_text_cut(const char *text, size_t length);

/** Returns all of TEXT. */
json_t *json_text(const char *text);

#endif
