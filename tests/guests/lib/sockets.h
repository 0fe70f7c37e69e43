#pragma once
#include "address.h"
#include "check.h"
#include "guest.h"

// wasi:sockets/tcp with outcomes as values: every function answers NETWORK_ERROR_CODE_OK or the error-code.

struct connection {
  tcp_own_tcp_socket_t socket;
  streams_own_input_stream_t input;
  streams_own_output_stream_t output;
};

/// Traps when it cannot be made.
tcp_own_tcp_socket_t new_socket(network_ip_address_family_t family);

uint8_t start_bind(tcp_own_tcp_socket_t socket, network_ip_socket_address_t address);
uint8_t finish_bind(tcp_own_tcp_socket_t socket);
uint8_t start_connect(tcp_own_tcp_socket_t socket, network_ip_socket_address_t address);
/// Keeps the socket in `connection` too.
uint8_t finish_connect(tcp_own_tcp_socket_t socket, struct connection *connection);
uint8_t start_listen(tcp_own_tcp_socket_t socket);
uint8_t finish_listen(tcp_own_tcp_socket_t socket);
uint8_t accept(tcp_own_tcp_socket_t socket, struct connection *connection);
uint8_t local_address(tcp_own_tcp_socket_t socket, network_ip_socket_address_t *address);
uint8_t remote_address(tcp_own_tcp_socket_t socket, network_ip_socket_address_t *address);
uint8_t shut_down(tcp_own_tcp_socket_t socket, tcp_shutdown_type_t how);
uint8_t set_backlog(tcp_own_tcp_socket_t socket, uint64_t size);
bool is_listening(tcp_own_tcp_socket_t socket);
void drop_socket(tcp_own_tcp_socket_t socket);

/// Waits until the socket's pollable is ready.
void await_socket(tcp_own_tcp_socket_t socket);
/// finish-connect once it is no longer pending.
uint8_t await_connect(tcp_own_tcp_socket_t socket, struct connection *connection);
/// accept once there is somebody.
uint8_t await_accept(tcp_own_tcp_socket_t socket, struct connection *connection);

/// A socket bound to `address` (port 0: `address` gets the port) that listens. Traps when that fails.
tcp_own_tcp_socket_t new_listener(network_ip_socket_address_t *address);

/// Two ends of one connection over 127.0.0.1. Traps when that fails.
void new_pair(struct connection *client, struct connection *server);

/// Drops the streams, then the socket.
void drop_connection(struct connection *connection);
