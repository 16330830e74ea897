/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/verdict.h>

static const struct {
	const char *name;
	const char *text;
} verdicts[VERDICT_COUNT] = {
#define VERDICT(identifier, name, kind, text) {name, text},
#include <udpecho/packet/verdict.def>
#undef VERDICT
};

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict].name;
}

const char *verdict_text(enum verdict verdict)
{
	return verdicts[verdict].text;
}
