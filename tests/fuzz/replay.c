/* SPDX-License-Identifier: BSD-3-Clause */
/* In a fuzzer's place: each file that is named is one input. Any compiler will do for it. */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define INPUT_MAX (1024 * 1024)

int main(int count, char *arguments[])
{
	uint8_t *data = malloc(INPUT_MAX);

	require(data != NULL, "no memory");
	for (int i = 1; i < count; i++) {
		FILE *file = fopen(arguments[i], "rbe");

		if (file == NULL) {
			perror(arguments[i]);
			return 1;
		}
		(void)LLVMFuzzerTestOneInput(data, fread(data, 1, INPUT_MAX, file));
		fclose(file);
	}
	printf("%d inputs\n", count - 1);
	free(data);
	return 0;
}
