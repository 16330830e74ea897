/* SPDX-License-Identifier: BSD-3-Clause */
/* The blocks of a capture, as two other readers see them, and each of their options. */
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/pcapng_write.h"
#include "device/pcapng.h"

#include "suite.h"

#define NS UINT64_C(1795766665482119082)

static const uint8_t data[] = "0123456789abcdefghijklmnopqrstuvw";
static const uint8_t mac[] = {2, 0, 0, 0, 0, 1};
static const uint32_t rss_hash = 0x12345678;

static const struct pcapng_place places[] = {
	{"eth0", "pci-0000:01:00.0", mac, UINT64_C(100000000000)},
	{NULL, NULL, NULL, 0},
};

static const struct pcapng_frame frames[] = {
	{0, 3, NS, 14, 14, data, false, &rss_hash, "udp-echo: echoed"},
	{1, 0, NS + 1, 33, 1500, data, true, NULL, NULL},
	{0, 4, (UINT64_C(1) << 63) + 7, 0, 64, data, true, NULL, "12"},
};

static uint8_t room[512];
static struct pcapng_block block = {.bytes = room, .room = sizeof(room)};

static void write_block(int file, bool is_made)
{
	assert_true(is_made);
	assert_int_equal(pcapng_write(file, &block), 0);
}

/* A file with all blocks, at its start. */
static FILE *write_file(void)
{
	const int file = memfd_create("pcapng", MFD_CLOEXEC);

	assert_true(file >= 0);
	write_block(file, pcapng_make_section(&block, "udpechod", "udp port 7"));
	for (size_t i = 0; i < COUNT(places); i++)
		write_block(file, pcapng_make_interface(&block, &places[i]));
	for (size_t i = 0; i < COUNT(frames); i++)
		write_block(file, pcapng_make_packet(&block, &frames[i]));
	write_block(file, pcapng_make_statistics(&block, 1, NS, 10, 2));
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	return fdopen(file, "r");
}

static void test_own_reader(void **state)
{
	FILE *file = write_file();
	struct pcapng pcapng;
	struct pcapng_packet packet;
	const char *why = "";

	(void)state;
	pcapng_init(&pcapng, file);
	for (size_t i = 0; i < COUNT(frames); i++) {
		assert_int_equal(pcapng_next(&pcapng, &packet, &why), 1);
		assert_int_equal(packet.ns, frames[i].ns);
		assert_int_equal(packet.link_type, DLT_EN10MB);
		assert_int_equal(packet.captured, frames[i].captured);
		assert_int_equal(packet.length, frames[i].length);
		assert_memory_equal(packet.data, data, packet.captured);
	}
	assert_int_equal(pcapng_next(&pcapng, &packet, &why), 0);
	assert_false(pcapng.is_cut);
	pcapng_free(&pcapng);
	fclose(file);
}

static void test_libpcap(void **state)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(
		write_file(), PCAP_TSTAMP_PRECISION_NANO, text);
	struct pcap_pkthdr *header;
	const u_char *bytes;

	(void)state;
	assert_string_equal(text, "");
	assert_non_null(pcap);
	for (size_t i = 0; i < COUNT(frames); i++) {
		assert_int_equal(pcap_next_ex(pcap, &header, &bytes), 1);
		assert_int_equal(header->ts.tv_sec, frames[i].ns / 1000000000);
		assert_int_equal(header->ts.tv_usec, frames[i].ns % 1000000000);
		assert_int_equal(header->caplen, frames[i].captured);
		assert_int_equal(header->len, frames[i].length);
		assert_memory_equal(bytes, data, header->caplen);
	}
	assert_int_equal(pcap_next_ex(pcap, &header, &bytes), PCAP_ERROR_BREAK);
	pcap_close(pcap);
}

static uint32_t word_at(size_t at)
{
	uint32_t word;

	assert_true(at + sizeof(word) <= block.length);
	memcpy(&word, room + at, sizeof(word));
	return word;
}

/* That the block is of TYPE, and has behind its body these options and no others. */
static void expect_block(uint32_t type, size_t body, const char *options)
{
	char seen[512] = "";
	size_t at = 8 + body, length = 0;
	uint16_t option[2];

	assert_int_equal(block.length % 4, 0);
	assert_int_equal(word_at(0), type);
	assert_int_equal(word_at(4), block.length);
	assert_int_equal(word_at(block.length - 4), block.length);
	for (;;) {
		word_at(at);
		memcpy(option, room + at, sizeof(option));
		at += sizeof(option);
		if (option[0] == 0)
			break;
		length += (size_t)snprintf(seen + length, sizeof(seen) - length, "%u:", option[0]);
		for (unsigned int i = 0; i < option[1]; i++)
			length += (size_t)snprintf(
				seen + length, sizeof(seen) - length, "%02x", room[at + i]);
		for (; option[1] % 4 != 0; option[1]++)
			assert_int_equal(room[at + option[1]], 0);
		at += option[1];
		length += (size_t)snprintf(seen + length, sizeof(seen) - length, " ");
	}
	assert_int_equal(option[1], 0);
	assert_int_equal(at, block.length - 4);
	assert_string_equal(seen, options);
}

/* On a machine whose byte order is that of x86 and arm64. */
static void test_options(void **state)
{
	(void)state;
	assert_true(pcapng_make_section(&block, "udpechod", "udp"));
	expect_block(0x0a0d0d0a, 16, "4:7564706563686f64 1:756470 ");
	assert_int_equal(word_at(8), 0x1a2b3c4d);
	assert_int_equal(word_at(12), 1); /* version 1.0 */
	assert_true(pcapng_make_section(&block, "udpechod", NULL));
	expect_block(0x0a0d0d0a, 16, "4:7564706563686f64 ");
	assert_true(pcapng_make_interface(&block, &places[0]));
	expect_block(1, 8,
		"9:09 2:65746830 6:020000000001 8:00e8764817000000 "
		"15:7063692d303030303a30313a30302e30 ");
	assert_true(pcapng_make_interface(&block, &places[1]));
	expect_block(1, 8, "9:09 ");
	assert_true(pcapng_make_packet(&block, &frames[0]));
	expect_block(6, 20 + 16,
		"2:01000000 6:03000000 3:0578563412 1:7564702d6563686f3a206563686f6564 ");
	assert_true(pcapng_make_packet(&block, &frames[1]));
	expect_block(6, 20 + 36, "2:02000000 6:00000000 ");
	assert_true(pcapng_make_packet(&block, &frames[2]));
	expect_block(6, 20, "2:02000000 6:04000000 1:3132 ");
	assert_true(pcapng_make_statistics(&block, 1, NS, 10, 2));
	expect_block(5, 12, "4:0a00000000000000 5:0200000000000000 ");
	assert_int_equal(word_at(8), 1);
	assert_int_equal(word_at(12), NS >> 32);
	assert_int_equal(word_at(16), NS & UINT32_MAX);
}

/* The room that PCAPNG_PACKET_OVERHEAD gives is enough, and with less nothing is written beyond. */
static void test_room(void **state)
{
	const struct pcapng_frame *frame = &frames[0];
	const size_t enough = frame->captured + PCAPNG_PACKET_OVERHEAD + strlen(frame->comment);
	struct pcapng_block small = {.bytes = room};
	size_t least = 0;

	(void)state;
	for (small.room = 0; small.room <= enough; small.room++) {
		const uint8_t guard = (uint8_t)small.room;

		room[small.room] = guard;
		if (!pcapng_make_packet(&small, frame)) {
			assert_int_equal(least, 0);
		} else if (least == 0) {
			least = small.room;
			assert_int_equal(small.length, least);
		}
		assert_int_equal(room[small.room], guard);
	}
	assert_true(least > 0);
}

static void test_error(void **state)
{
	const int file = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(pcapng_make_section(&block, "udpechod", NULL));
	assert_int_equal(pcapng_write(file, &block), -ENOSPC);
	close(file);
	assert_int_equal(pcapng_write(-1, &block), -EBADF);
}

int main(void)
{
	suite_add("read by the replay", test_own_reader);
	suite_add("read by libpcap", test_libpcap);
	suite_add("options", test_options);
	suite_add("room", test_room);
	suite_add("errors", test_error);
	return suite_run("pcapng_write");
}
