#pragma once
#include "address.h"
#include "check.h"
#include "guest.h"

// wasi:sockets/udp with outcomes as values: every function answers NETWORK_ERROR_CODE_OK or the error-code.

struct datagram_streams {
  udp_own_incoming_datagram_stream_t incoming;
  udp_own_outgoing_datagram_stream_t outgoing;
};

/// Traps when it cannot be made.
udp_own_udp_socket_t new_udp_socket(network_ip_address_family_t family);

uint8_t udp_start_bind(udp_own_udp_socket_t socket, network_ip_socket_address_t address);
uint8_t udp_finish_bind(udp_own_udp_socket_t socket);
/// `peer` NULL: stream(none).
uint8_t udp_stream(udp_own_udp_socket_t socket, network_ip_socket_address_t *peer, struct datagram_streams *streams);
uint8_t udp_local_address(udp_own_udp_socket_t socket, network_ip_socket_address_t *address);
uint8_t udp_remote_address(udp_own_udp_socket_t socket, network_ip_socket_address_t *address);

/// What check-send permits. Traps when it fails.
uint64_t check_send(struct datagram_streams *streams);
/// send, of datagrams that the caller made, with the permit that is there.
uint8_t send_datagrams(struct datagram_streams *streams, udp_outgoing_datagram_t *datagrams, size_t count, uint64_t *sent);
/// check-send, then one datagram; `to` NULL: without an address.
uint8_t send_datagram(struct datagram_streams *streams, network_ip_socket_address_t *to, const void *bytes, size_t length);
/// A datagram for send_datagrams.
udp_outgoing_datagram_t datagram(network_ip_socket_address_t *to, const void *bytes, size_t length);

/// The list lives in the arena until it is reset.
uint8_t receive(struct datagram_streams *streams, uint64_t max, udp_list_incoming_datagram_t *datagrams);
/// Waits for the incoming stream's pollable, then receives.
uint8_t await_receive(struct datagram_streams *streams, uint64_t max, udp_list_incoming_datagram_t *datagrams);
/// Whether the incoming stream's pollable becomes ready within so many ns.
bool readable_within(struct datagram_streams *streams, uint64_t duration);

bool same_address(const network_ip_socket_address_t *a, const network_ip_socket_address_t *b);
bool datagram_is(const udp_incoming_datagram_t *datagram, const char *expected);

void drop_datagram_streams(struct datagram_streams *streams);
void drop_udp_socket(udp_own_udp_socket_t socket);

/// A socket bound to `address` (port 0: `address` gets the port), without streams. Traps when that fails.
udp_own_udp_socket_t new_bound_udp_socket(network_ip_socket_address_t *address);
