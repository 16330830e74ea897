/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/verdict.h>

static const struct {
	const char *name;
	enum verdict_kind kind;
	const char *text;
} verdicts[VERDICT_COUNT] = {
#define VERDICT(identifier, name, kind, text) {name, VERDICT_KIND_##kind, text},
#include <udpecho/verdict.def>
#undef VERDICT
};

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict].name;
}

enum verdict_kind verdict_kind(enum verdict verdict)
{
	return verdicts[verdict].kind;
}

const char *verdict_text(enum verdict verdict)
{
	return verdicts[verdict].text;
}
