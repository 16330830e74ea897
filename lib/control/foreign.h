/* SPDX-License-Identifier: BSD-3-Clause */
/* Text that others chose, such as the names of interfaces, made safe for terminals and shells. */
#ifndef UDPECHO_FOREIGN_H
#define UDPECHO_FOREIGN_H

/** Puts question marks in place of control characters, which a terminal would obey. */
void foreign_tame(char *text);

struct foreign_word {
	char text[160];
};

/** Returns NAME as one word of a line for the shell: quoted if it has to be, and tame. */
struct foreign_word foreign_word(const char *name);

#endif
