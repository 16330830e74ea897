/* SPDX-License-Identifier: BSD-3-Clause */
/* The services that a port can have. services.def is the table, and this header its C form. */
#ifndef UDPECHO_SERVICES_H
#define UDPECHO_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

enum service {
	SERVICE_NONE, /* the port is not served */
#define SERVICE(identifier, name, read, write, verdict, loop, plain) SERVICE_##identifier,
#include <udpecho/packet/services.def>
#undef SERVICE
	SERVICE_COUNT
};

_Static_assert(SERVICE_COUNT <= UINT8_MAX, "a port's service is a byte");

/* Whether another server may take a reply for a request, and answer it. */
enum service_loop {
	SERVICE_LOOP_UNGUARDED, /* no server does */
	SERVICE_LOOP_GUARDED,
};

/** Whether another server may answer the replies of SERVICE, so that they need the loop guard. */
static inline enum service_loop service_loop(enum service service)
{
	static const unsigned char loops[SERVICE_COUNT] = {
#define SERVICE(identifier, name, read, write, verdict, loop, plain) \
	[SERVICE_##identifier] = SERVICE_LOOP_##loop,
#include <udpecho/packet/services.def>
#undef SERVICE
	};

	return (enum service_loop)loops[service];
}

/* The set of services that send the payload back as it came: bit i stands for service i. */
enum {
	SERVICES_PLAIN = 0
#define SERVICE(identifier, name, read, write, verdict, loop, plain) \
	| (plain) << SERVICE_##identifier
#include <udpecho/packet/services.def>
#undef SERVICE
};

#endif
