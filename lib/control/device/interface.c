/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "device/condition.h"
#include "device/interface.h"
#include "privilege.h"

/* Asks the kernel about the interface NAME, which this puts into ANSWER. Returns 0, or -errno. */
static int ask_with(const char *name, unsigned long request, struct ifreq *answer)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -errno;
	snprintf(answer->ifr_name, sizeof(answer->ifr_name), "%s", name);
	result = ioctl(fd, request, answer) < 0 ? -errno : 0;
	close(fd);
	return result;
}

static int ask(const char *name, unsigned long request, struct ifreq *answer)
{
	memset(answer, 0, sizeof(*answer));
	return ask_with(name, request, answer);
}

/* QUESTION is a struct of ethtool's, which also gets the answer. */
static int ask_ethtool(const char *name, void *question)
{
	struct ifreq request = {.ifr_data = question};

	return ask_with(name, SIOCETHTOOL, &request);
}

static int refuse(uint64_t missing, int why, struct error *error)
{
	const struct condition condition = condition_capabilities(missing, "the device");

	return condition_error(&condition, why, error);
}

static int check_permission(struct error *error)
{
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	const int why = errno;

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (why == EPERM || why == EACCES)
		return refuse(PRIVILEGE(CAP_NET_RAW), why, error);
	return error_set(error, why, "cannot open a packet socket: %s", strerror(why));
}

unsigned int interface_index(const char *name)
{
	return strlen(name) < IFNAMSIZ ? if_nametoindex(name) : 0;
}

bool interface_is_gone(unsigned int index)
{
	char name[IFNAMSIZ];

	return if_indextoname(index, name) == NULL && (errno == ENXIO || errno == ENODEV);
}

int interface_check(const char *name, struct error *error)
{
	const struct condition no_interface = condition_no_interface();
	const struct condition not_ethernet = condition_not_ethernet();
	const struct condition down = condition_down(name);
	struct ifreq answer;

	if (interface_index(name) == 0)
		return condition_error(&no_interface, ENODEV, error);
	if (ask(name, SIOCGIFHWADDR, &answer) < 0 || answer.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return condition_error(&not_ethernet, EINVAL, error);
	if (ask(name, SIOCGIFFLAGS, &answer) < 0 || !(answer.ifr_flags & IFF_UP))
		return condition_error(&down, ENETDOWN, error);
	return check_permission(error);
}

int interface_check_tap(struct error *error)
{
	/* The kernel chooses the name, so that nobody sees the wanted name come and go. */
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "udpecho%d"};
	const struct condition no_tun = condition_no_tun();
	const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	int why = errno;

	if (fd < 0 && (why == ENOENT || why == ENODEV))
		return condition_error(&no_tun, why, error);
	if (fd < 0)
		return error_set(error, why, "cannot open /dev/net/tun: %s", strerror(why));
	why = ioctl(fd, TUNSETIFF, &request) < 0 ? errno : 0;
	close(fd);
	if (why == EPERM)
		return refuse(PRIVILEGE(CAP_NET_ADMIN), why, error);
	if (why != 0)
		return error_set(error, why, "cannot make the interface: %s", strerror(why));
	return 0;
}

int interface_mac(const char *name, struct mac_address *mac, struct error *error)
{
	struct ifreq answer;
	const int result = ask(name, SIOCGIFHWADDR, &answer);

	if (result < 0)
		return error_set(
			error, -result, "cannot read the MAC address: %s", strerror(-result));
	memcpy(mac, answer.ifr_hwaddr.sa_data, sizeof(*mac));
	return 0;
}

unsigned int interface_mtu(const char *name)
{
	struct ifreq answer;

	return ask(name, SIOCGIFMTU, &answer) < 0 ? 0 : (unsigned int)answer.ifr_mtu;
}

bool interface_is_running(const char *name, bool otherwise)
{
	/* IFF_RUNNING would be up to a second late. */
	struct ethtool_value link = {.cmd = ETHTOOL_GLINK};
	struct ifreq answer;
	const int result = ask(name, SIOCGIFFLAGS, &answer);

	if (result < 0 && result != -ENODEV)
		return otherwise;
	return result == 0 && (answer.ifr_flags & IFF_UP) &&
	       (ask_ethtool(name, &link) < 0 || link.data != 0);
}

int interface_lock(const char *name, struct error *error)
{
	/* An abstract name belongs to the network namespace, and ends with its descriptor. */
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int length =
		snprintf(address.sun_path, sizeof(address.sun_path), "%cudpechod/%s", '\0', name);
	const struct condition taken = condition_taken(name);
	int why;

	if (fd < 0)
		return error_set(error, errno, "cannot lock the interface: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length)) == 0)
		return fd;
	why = errno;
	close(fd);
	if (why == EADDRINUSE)
		return condition_error(&taken, EBUSY, error);
	return error_set(error, why, "cannot lock the interface: %s", strerror(why));
}

struct interface_channels interface_channels(const char *name)
{
	struct ethtool_channels found = {.cmd = ETHTOOL_GCHANNELS};
	struct interface_channels channels = {.pairs = 1, .receive = 1, .are_combined = true};
	unsigned int transmit;

	if (ask_ethtool(name, &found) < 0)
		return channels;
	transmit = found.combined_count + found.tx_count;
	if (found.combined_count + found.rx_count > 0)
		channels.receive = found.combined_count + found.rx_count;
	if (transmit > 0)
		channels.pairs = transmit < channels.receive ? transmit : channels.receive;
	channels.are_combined = channels.receive == found.combined_count;
	channels.could_combine = found.max_combined > 0 && found.combined_count == 0;
	return channels;
}

bool interface_is_tap(const char *name)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	return ask_ethtool(name, &info) == 0 && strcmp(info.driver, "tun") == 0;
}

bool interface_is_veth(const char *name)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	return ask_ethtool(name, &info) == 0 && strcmp(info.driver, "veth") == 0;
}

/* Returns the names of all features, which the caller frees, or NULL. */
static struct ethtool_gstrings *feature_names(const char *name)
{
	uint64_t room[sizeof(struct ethtool_sset_info) / sizeof(uint64_t) + 1] = {0};
	struct ethtool_sset_info *const set = (struct ethtool_sset_info *)room;
	struct ethtool_gstrings *names;

	set->cmd = ETHTOOL_GSSET_INFO;
	set->sset_mask = 1ULL << ETH_SS_FEATURES;
	if (ask_ethtool(name, set) < 0 || set->sset_mask == 0)
		return NULL;
	names = calloc(1, sizeof(*names) + (size_t)set->data[0] * ETH_GSTRING_LEN);
	if (names == NULL)
		return NULL;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = set->data[0];
	if (ask_ethtool(name, names) == 0)
		return names;
	free(names);
	return NULL;
}

int interface_feature(const char *name, const char *feature)
{
	struct ethtool_gstrings *names = feature_names(name);
	struct ethtool_gfeatures *features;
	int is_on = -1;

	if (names == NULL)
		return -1;
	features = calloc(
		1, sizeof(*features) + (names->len / 32 + 1) * sizeof(features->features[0]));
	if (features != NULL) {
		features->cmd = ETHTOOL_GFEATURES;
		features->size = names->len / 32 + 1;
		if (ask_ethtool(name, features) == 0)
			for (uint32_t i = 0; i < names->len && i / 32 < features->size; i++)
				if (strncmp((const char *)names->data + i * ETH_GSTRING_LEN,
					    feature, ETH_GSTRING_LEN) == 0)
					is_on = features->features[i / 32].active >> (i % 32) & 1;
	}
	free(features);
	free(names);
	return is_on;
}

bool interface_gathers(const char *name)
{
	return interface_feature(name, "rx-udp-gro-forwarding") > 0 ||
	       interface_feature(name, "rx-gro-list") > 0;
}

int interface_leaves_checksums(const char *name)
{
	struct ethtool_value offload = {.cmd = ETHTOOL_GTXCSUM};

	return ask_ethtool(name, &offload) < 0 ? -1 : offload.data != 0;
}
