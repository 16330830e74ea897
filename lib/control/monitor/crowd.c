/* SPDX-License-Identifier: BSD-3-Clause */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "monitor/crowd.h"

struct guest {
	int socket;
	in_addr_t address;
	TAILQ_ENTRY(guest) entry;
};

struct crowd {
	TAILQ_HEAD(, guest) guests; /* open connections, the oldest first */
	unsigned int count;
};

static void leave(struct crowd *crowd, struct guest *guest)
{
	TAILQ_REMOVE(&crowd->guests, guest, entry);
	crowd->count--;
	guest->socket = -1;
}

/* Finds the oldest guest from ADDRESS, or from any if that is NULL, and counts these guests. */
static struct guest *oldest_of(
	const struct crowd *crowd, const in_addr_t *address, unsigned int *count)
{
	struct guest *oldest = NULL, *guest;

	*count = 0;
	TAILQ_FOREACH(guest, &crowd->guests, entry)
	{
		if (address != NULL && guest->address != *address)
			continue;
		oldest = oldest != NULL ? oldest : guest;
		(*count)++;
	}
	return oldest;
}

/* Shuts one connection down if there are too many. The daemon then closes it. */
static void make_room(struct crowd *crowd, const struct guest *newcomer)
{
	unsigned int count;
	struct guest *guest = oldest_of(crowd, &newcomer->address, &count);

	if (count <= CROWD_MAX / 2)
		guest = crowd->count > CROWD_MAX ? oldest_of(crowd, NULL, &count) : NULL;
	if (guest == NULL)
		return;
	shutdown(guest->socket, SHUT_RDWR);
	leave(crowd, guest);
}

static struct guest *welcome(struct crowd *crowd, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *socket =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *address =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct guest *guest = calloc(1, sizeof(*guest));

	if (guest == NULL || socket == NULL || address == NULL) {
		free(guest); /* this connection is never shut down, but it times out */
		return NULL;
	}
	guest->socket = socket->connect_fd;
	guest->address = ((const struct sockaddr_in *)address->client_addr)->sin_addr.s_addr;
	TAILQ_INSERT_TAIL(&crowd->guests, guest, entry);
	crowd->count++;
	return guest;
}

struct crowd *crowd_create(void)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	if (crowd != NULL)
		TAILQ_INIT(&crowd->guests);
	return crowd;
}

void crowd_notify(void *crowd, struct MHD_Connection *connection, void **guest,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*guest = welcome(crowd, connection);
		if (*guest != NULL)
			make_room(crowd, *guest);
	} else if (*guest != NULL) {
		if (((struct guest *)*guest)->socket >= 0)
			leave(crowd, *guest);
		free(*guest);
		*guest = NULL;
	}
}

void crowd_free(struct crowd *crowd)
{
	free(crowd);
}
