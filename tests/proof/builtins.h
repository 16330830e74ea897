/* SPDX-License-Identifier: BSD-3-Clause */
/* What the compiler has built in and Frama-C has not. It is included before anything else. */
#ifndef PROOF_BUILTINS_H
#define PROOF_BUILTINS_H

/*@ assigns \result \from value; */
static inline unsigned short proof_bswap16(unsigned short value)
{
	return (unsigned short)(value << 8 | value >> 8);
}

/*@ assigns \result \from value; */
static inline unsigned int proof_bswap32(unsigned int value)
{
	return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

/*@ requires value != 0;
    assigns \result \from value;
    ensures 0 <= \result < 32;
    ensures value == 1 ==> \result == 0; */
int proof_ctz(unsigned int value);

#define __builtin_ctz(value)     proof_ctz(value)
#define __builtin_bswap16(value) proof_bswap16(value)
#define __builtin_bswap32(value) proof_bswap32(value)

#endif
