/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "foreign.h"

void foreign_tame(char *text)
{
	for (char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

static bool is_plain(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if (!isascii(*at) ||
			(!isalnum((unsigned char)*at) && strchr("._-:@%+=,/", *at) == NULL))
			return false;
	return name[0] != '\0';
}

struct foreign_word foreign_word(const char *name)
{
	struct foreign_word word = {.text = "'"};
	size_t length = 1;

	if (is_plain(name)) {
		snprintf(word.text, sizeof(word.text), "%s", name);
		return word;
	}
	/* In single quotes, the shell takes all as it is but for these. */
	for (; *name != '\0' && length + sizeof("'\\'''") <= sizeof(word.text); name++)
		if (*name == '\'')
			length += (size_t)sprintf(word.text + length, "'\\''");
		else
			word.text[length++] = *name;
	word.text[length] = '\'';
	foreign_tame(word.text);
	return word;
}
