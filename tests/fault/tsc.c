/* SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

#include "tsc.h"

#ifdef __x86_64__

static uint64_t value, step;

/* In place of an instruction: rdtsc is 0f 31, rdtscp 0f 01 f9. Anything else is a fault indeed. */
static void answer(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
	const uint8_t *code = (const uint8_t *)registers[REG_RIP];

	(void)info;
	if (code[0] != 0x0f || (code[1] != 0x31 && !(code[1] == 0x01 && code[2] == 0xf9))) {
		signal(number, SIG_DFL);
		return;
	}
	registers[REG_RAX] = (greg_t)(value & UINT32_MAX);
	registers[REG_RDX] = (greg_t)(value >> 32);
	registers[REG_RIP] += code[1] == 0x31 ? 2 : 3;
	value += step;
}

bool tsc_can_be_set(void)
{
	return prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0) == 0;
}

void tsc_set(uint64_t to, uint64_t by)
{
	const struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO};

	value = to;
	step = by;
	sigaction(SIGSEGV, &action, NULL);
	prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
}

void tsc_release(void)
{
	prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
	signal(SIGSEGV, SIG_DFL);
}

#else

bool tsc_can_be_set(void)
{
	return false;
}

void tsc_set(uint64_t to, uint64_t by)
{
	(void)to;
	(void)by;
}

void tsc_release(void)
{
}

#endif
