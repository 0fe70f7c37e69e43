#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "guest.h"
#include "text.h"

/// Reads `127.0.0.1:9999` or `[::1]:9999` (no zone, no dotted quad inside an IPv6 address).
bool parse_address(const char *string, size_t length, network_ip_socket_address_t *address);

/// Writes the same forms; an IPv6 address with its longest run of zero groups as `::` (RFC 5952).
void put_address(struct text *text, const network_ip_socket_address_t *address);

/// 127.0.0.1 with that port.
network_ip_socket_address_t loopback(uint16_t port);

/// ::1 with that port.
network_ip_socket_address_t loopback6(uint16_t port);

network_ip_address_family_t family_of(const network_ip_socket_address_t *address);
uint16_t port_of(const network_ip_socket_address_t *address);
