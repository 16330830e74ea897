/* SPDX-License-Identifier: BSD-3-Clause */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "monitor/connections.h"

struct client {
	int socket;
	in_addr_t address;
	TAILQ_ENTRY(client) entry;
};

struct connections {
	TAILQ_HEAD(, client) clients; /* that are connected, the oldest first */
	unsigned int count;
};

static void drop(struct connections *connections, struct client *client)
{
	TAILQ_REMOVE(&connections->clients, client, entry);
	connections->count--;
	client->socket = -1;
}

/* Finds the oldest client from ADDRESS, or of all if that is NULL, and counts them. */
static struct client *oldest_of(
	const struct connections *connections, const in_addr_t *address, unsigned int *count)
{
	struct client *oldest = NULL, *client;

	*count = 0;
	TAILQ_FOREACH(client, &connections->clients, entry)
	{
		if (address != NULL && client->address != *address)
			continue;
		oldest = oldest != NULL ? oldest : client;
		(*count)++;
	}
	return oldest;
}

/* Shuts one connection down if there are too many. The daemon then closes it. */
static void make_room(struct connections *connections, const struct client *latest)
{
	unsigned int count;
	struct client *client = oldest_of(connections, &latest->address, &count);

	if (count <= CONNECTIONS_KEPT / 2)
		client = connections->count > CONNECTIONS_KEPT
				 ? oldest_of(connections, NULL, &count)
				 : NULL;
	if (client == NULL)
		return;
	shutdown(client->socket, SHUT_RDWR);
	drop(connections, client);
}

/* Reads one answer before it asks for the next: libmicrohttpd 1.0 writes each in the same place. */
static bool identify(struct client *client, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (info == NULL)
		return false;
	client->socket = info->connect_fd;
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info == NULL)
		return false;
	client->address = ((const struct sockaddr_in *)info->client_addr)->sin_addr.s_addr;
	return true;
}

static struct client *add(struct connections *connections, struct MHD_Connection *connection)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL || !identify(client, connection)) {
		free(client); /* this connection is never shut down, but it times out */
		return NULL;
	}
	TAILQ_INSERT_TAIL(&connections->clients, client, entry);
	connections->count++;
	return client;
}

struct connections *connections_create(void)
{
	struct connections *connections = calloc(1, sizeof(*connections));

	if (connections != NULL)
		TAILQ_INIT(&connections->clients);
	return connections;
}

void connections_notify(void *connections, struct MHD_Connection *connection, void **client,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*client = add(connections, connection);
		if (*client != NULL)
			make_room(connections, *client);
	} else if (*client != NULL) {
		if (((struct client *)*client)->socket >= 0)
			drop(connections, *client);
		free(*client);
		*client = NULL;
	}
}

void connections_free(struct connections *connections)
{
	free(connections);
}
