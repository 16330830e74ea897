/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "format.h"
#include "monitor/connections.h"
#include "monitor/http.h"
#include "monitor/metrics.h"
#include "monitor/status.h"

#define CONNECTIONS_MAX (2 * CONNECTIONS_KEPT) /* with those that are being closed */
#define TIMEOUT_S       10

struct page {
	const char *path;
	const char *type;
	unsigned int (*write)(const struct view *view, FILE *stream); /* returns the status */
};

static unsigned int write_page(const struct view *view, FILE *stream)
{
	(void)view;
	fwrite(status_page, 1, status_page_size, stream);
	return MHD_HTTP_OK;
}

static unsigned int write_status(const struct view *view, FILE *stream)
{
	return status_write(view, stream) ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned int write_metrics(const struct view *view, FILE *stream)
{
	metrics_write(view, stream);
	return MHD_HTTP_OK;
}

static unsigned int write_health(const struct view *view, FILE *stream)
{
	if (!metrics_check_health(view, stream))
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	fputs("ok\n", stream);
	return MHD_HTTP_OK;
}

static unsigned int write_not_found(const struct view *view, FILE *stream)
{
	(void)view;
	fputs("no such page: ask for /, /status.json, /metrics or /healthz\n", stream);
	return MHD_HTTP_NOT_FOUND;
}

static unsigned int write_not_allowed(const struct view *view, FILE *stream)
{
	(void)view;
	fputs("this method is not allowed: use GET or HEAD\n", stream);
	return MHD_HTTP_METHOD_NOT_ALLOWED;
}

static unsigned int write_misdirected(const struct view *view, FILE *stream)
{
	(void)view;
	fputs("this host name is not allowed: use localhost or the IP address\n", stream);
	return MHD_HTTP_MISDIRECTED_REQUEST;
}

static const struct page pages[] = {
	{"/", "text/html; charset=utf-8", write_page},
	{"/status.json", "application/json", write_status},
	{"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics},
	{"/healthz", "text/plain; charset=utf-8", write_health},
};

static const struct page not_found = {NULL, "text/plain; charset=utf-8", write_not_found};
static const struct page not_allowed = {NULL, "text/plain; charset=utf-8", write_not_allowed};
static const struct page misdirected = {NULL, "text/plain; charset=utf-8", write_misdirected};

/* These keep the page from loading anything from elsewhere, and others from framing it. */
static const struct {
	const char *name, *value;
} headers[] = {
	{MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
	{"X-Content-Type-Options", "nosniff"},
	{"Content-Security-Policy",
		"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
		"img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
		"frame-ancestors 'none'"},
};

static const struct page *find_page(const char *method, const char *path)
{
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return &not_allowed;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (strcmp(pages[i].path, path) == 0)
			return &pages[i];
	return &not_found;
}

static bool is_loopback(struct ip_address address)
{
	if (ip_address_family(address) == IP_FAMILY_IPV6)
		return IN6_IS_ADDR_LOOPBACK(&address);
	return be32_get(ip_address_ipv4(address)) >> 24 == IN_LOOPBACKNET;
}

/*
 * Checks the Host header if we listen on the loopback. Other machines cannot reach us there, but
 * their page in a local browser could, by a name that it makes mean the loopback (DNS rebinding).
 * So localhost is the only name that is allowed.
 */
static bool is_for_us(const struct view *view, struct MHD_Connection *connection)
{
	const char *host =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	char name[sizeof("255.255.255.255")];
	struct in_addr address;

	if (host == NULL || !is_loopback(view->runtime->config->http.address))
		return true;
	/* Copy the host without the port. */
	if ((size_t)snprintf(name, sizeof(name), "%.*s", (int)strcspn(host, ":"), host) >=
		sizeof(name))
		return false;
	return strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &address) == 1 ||
	       host[0] == '['; /* an IPv6 address */
}

/* Leaves a path with %00 escaped: a zero byte would cut it short, and name another page. */
static size_t unescape(void *argument, struct MHD_Connection *connection, char *text)
{
	(void)argument;
	(void)connection;
	return strstr(text, "%00") != NULL ? strlen(text) : MHD_http_unescape(text);
}

static enum MHD_Result answer(void *argument, struct MHD_Connection *connection, const char *path,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **state)
{
	const struct http *http = argument;
	const struct page *page =
		is_for_us(http->view, connection) ? find_page(method, path) : &misdirected;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct MHD_Response *response;
	enum MHD_Result result;
	unsigned int status;

	(void)version;
	(void)upload;
	*upload_size = 0;
	(void)state;
	if (stream == NULL)
		return MHD_NO;
	status = page->write(http->view, stream);
	if (fclose(stream) != 0) {
		free(text);
		return MHD_NO;
	}
	response = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page->type);
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		MHD_add_response_header(response, headers[i].name, headers[i].value);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

/* Whether ADDRESS is a device's. The kernel does not have those, so it cannot listen on them. */
static bool is_devices(const struct config *config, struct ip_address address)
{
	for (unsigned int i = 0; i < config->device_count; i++)
		for (unsigned int j = 0; j < config->devices[i].address_count; j++)
			if (ip_address_equal(config->devices[i].addresses[j].address, address))
				return true;
	return false;
}

/* Returns where ENDPOINT listens, as sockets have it. */
static struct sockaddr_storage socket_address(const struct config_endpoint *endpoint)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in6 ipv6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)endpoint->port),
	};
	const struct sockaddr_in ipv4 = {
		.sin_family = AF_INET,
		.sin_port = ipv6.sin6_port,
		.sin_addr.s_addr = ip_address_ipv4(endpoint->address).raw,
	};

	memcpy(&ipv6.sin6_addr, &endpoint->address, sizeof(ipv6.sin6_addr));
	if (ip_address_family(endpoint->address) == IP_FAMILY_IPV6)
		memcpy(&address, &ipv6, sizeof(ipv6));
	else
		memcpy(&address, &ipv4, sizeof(ipv4));
	return address;
}

/* Finds out why nobody can listen on ADDRESS: what the library fails with may be of a later call.
 */
static int listen_error(const struct sockaddr_storage *address)
{
	const int file = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
	int why = 0;

	if (file < 0)
		return errno;
	setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(file, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)); /* as the library does */
	if (bind(file, (const struct sockaddr *)address, sizeof(*address)) < 0 ||
		listen(file, 1) < 0)
		why = errno;
	close(file);
	return why;
}

int http_start(struct http *http, const struct view *view, struct error *error)
{
	const struct config *config = view->runtime->config;
	const struct config_endpoint *endpoint = &config->http;
	const struct sockaddr_storage address = socket_address(endpoint);
	const unsigned int family = address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0;

	*http = (struct http){.view = view};
	if (endpoint->port == 0)
		return 0;
	http->connections = connections_create();
	if (http->connections == NULL)
		return error_set(error, ENOMEM, "option --http: no memory");
	/* It must not select(), whose limit is 1024 descriptors: EAL has one for each hugepage. */
	http->daemon = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD | family,
		(uint16_t)endpoint->port, NULL, NULL, answer, http, MHD_OPTION_SOCK_ADDR, &address,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
		MHD_OPTION_NOTIFY_CONNECTION, connections_notify, http->connections,
		MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned int)TIMEOUT_S, MHD_OPTION_END);
	if (http->daemon == NULL) {
		const int why = listen_error(&address);

		connections_free(http->connections);
		http->connections = NULL;
		return error_set(error, why != 0 ? why : EIO, "option --http: %s: %s%s",
			format_endpoint(endpoint->address, endpoint->port).text,
			why != 0 ? strerror(why) : "no memory",
			is_devices(config, endpoint->address)
				? ": a device has that address: give one that the kernel has, "
				  "such as 127.0.0.1"
				: "");
	}
	return 0;
}

void http_stop(struct http *http)
{
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	http->daemon = NULL;
	connections_free(http->connections);
	http->connections = NULL;
}
