/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "json_text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* How many bytes the character of UTF-8 at TEXT has, of LENGTH at most; 0: it is none (RFC 3629).
 */
static size_t count_bytes(const unsigned char *text, size_t length)
{
	const unsigned char first = text[0];
	const size_t count = first < 0x80                     ? 1
			     : first >= 0xc2 && first <= 0xdf ? 2
			     : (first & 0xf0) == 0xe0         ? 3
			     : first >= 0xf0 && first <= 0xf4 ? 4
							      : 0;

	if (count > length)
		return 0;
	for (size_t i = 1; i < count; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((first == 0xe0 && text[1] < 0xa0) || (first == 0xed && text[1] > 0x9f) ||
		(first == 0xf0 && text[1] < 0x90) || (first == 0xf4 && text[1] > 0x8f))
		return 0; /* longer than need be, a surrogate, or too large */
	return count;
}

json_t *json_text_cut(const char *text, size_t length)
{
	json_t *string = json_stringn(text, length);
	size_t used = 0;
	char *valid;

	if (string != NULL)
		return string;
	valid = malloc(3 * length + 1); /* at the most, each byte becomes U+FFFD */
	while (valid != NULL && length > 0) {
		const size_t count = count_bytes((const unsigned char *)text, length);
		const size_t taken = count > 0 ? count : 1;

		memcpy(valid + used, count > 0 ? text : REPLACEMENT, count > 0 ? count : 3);
		used += count > 0 ? count : 3;
		text += taken;
		length -= taken;
	}
	string = json_stringn(valid != NULL ? valid : "", used);
	free(valid);
	return string;
}

json_t *json_text(const char *text)
{
	return json_text_cut(text, strlen(text));
}
