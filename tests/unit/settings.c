/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <unistd.h>

#include "settings.h"
#include "suite.h"

int setting_apply(struct config *config, const char *key, const char *text, struct error *error)
{
	const struct setting *setting = setting_find(key);

	if (setting == NULL)
		fail_msg("%s: no such setting", key);
	return setting->set(config, text, error);
}

int config_read_text(struct config *config, const char *text, struct error *error)
{
	char path[] = "/tmp/udpechod-test-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	int result;

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	result = config_read_file(config, path, error);
	unlink(path);
	return result;
}
