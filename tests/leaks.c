/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libraries of others do not free, and cannot be made to: linked into our programs where they
 * are built with AddressSanitizer, which calls this.
 */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:xsk_umem__create\n" /* libxdp 1.3 keeps a record of each UMEM deleted */
	       "leak:libfontconfig\n";   /* what cairo has it read is there until the end */
}
