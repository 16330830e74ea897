/* SPDX-License-Identifier: BSD-3-Clause */
#include <udpecho/packet/packet.h>

checksum_sum frame_checksum(
	const struct frame *frame, uint32_t offset, uint32_t length, checksum_sum sum)
{
	uint32_t here = frame->contiguous - offset;
	bool odd;

	if (here > length)
		here = length;
	sum = checksum_add(sum, frame->data + offset, here);
	odd = here & 1;
	length -= here;
	/*@ loop invariant length > 0 ==>
	      (\exists integer n; n >= length && segments_hold(segment, n));
	    loop assigns segment, here, sum, odd, length; */
	for (const struct segment *segment = frame->rest; length > 0; segment++) {
		here = segment->length < length ? segment->length : length;
		sum = odd ? checksum_add_odd(sum, segment->data, here)
			  : checksum_add(sum, segment->data, here);
		odd ^= here & 1;
		length -= here;
	}
	return sum;
}
