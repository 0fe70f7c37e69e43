#include "sockets.h"

static network_error_code_t code;

static uint8_t outcome(bool ok) { return ok ? NETWORK_ERROR_CODE_OK : code; }

static network_borrow_network_t network(void) {
  static network_own_network_t network;
  if (network.__handle == 0) network = instance_network_instance_network();
  return network_borrow_network(network);
}

tcp_own_tcp_socket_t new_socket(network_ip_address_family_t family) {
  tcp_own_tcp_socket_t socket;
  if (!tcp_create_socket_create_tcp_socket(family, &socket, &code)) __builtin_trap();
  return socket;
}

uint8_t start_bind(tcp_own_tcp_socket_t socket, network_ip_socket_address_t address) {
  return outcome(tcp_method_tcp_socket_start_bind(tcp_borrow_tcp_socket(socket), network(), &address, &code));
}

uint8_t finish_bind(tcp_own_tcp_socket_t socket) {
  return outcome(tcp_method_tcp_socket_finish_bind(tcp_borrow_tcp_socket(socket), &code));
}

uint8_t start_connect(tcp_own_tcp_socket_t socket, network_ip_socket_address_t address) {
  return outcome(tcp_method_tcp_socket_start_connect(tcp_borrow_tcp_socket(socket), network(), &address, &code));
}

uint8_t finish_connect(tcp_own_tcp_socket_t socket, struct connection *connection) {
  tcp_tuple2_own_input_stream_own_output_stream_t streams;
  if (!tcp_method_tcp_socket_finish_connect(tcp_borrow_tcp_socket(socket), &streams, &code)) return code;
  *connection = (struct connection){socket, streams.f0, streams.f1};
  return NETWORK_ERROR_CODE_OK;
}

uint8_t start_listen(tcp_own_tcp_socket_t socket) {
  return outcome(tcp_method_tcp_socket_start_listen(tcp_borrow_tcp_socket(socket), &code));
}

uint8_t finish_listen(tcp_own_tcp_socket_t socket) {
  return outcome(tcp_method_tcp_socket_finish_listen(tcp_borrow_tcp_socket(socket), &code));
}

uint8_t accept(tcp_own_tcp_socket_t socket, struct connection *connection) {
  tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t accepted;
  if (!tcp_method_tcp_socket_accept(tcp_borrow_tcp_socket(socket), &accepted, &code)) return code;
  *connection = (struct connection){accepted.f0, accepted.f1, accepted.f2};
  return NETWORK_ERROR_CODE_OK;
}

uint8_t local_address(tcp_own_tcp_socket_t socket, network_ip_socket_address_t *address) {
  return outcome(tcp_method_tcp_socket_local_address(tcp_borrow_tcp_socket(socket), address, &code));
}

uint8_t remote_address(tcp_own_tcp_socket_t socket, network_ip_socket_address_t *address) {
  return outcome(tcp_method_tcp_socket_remote_address(tcp_borrow_tcp_socket(socket), address, &code));
}

uint8_t shut_down(tcp_own_tcp_socket_t socket, tcp_shutdown_type_t how) {
  return outcome(tcp_method_tcp_socket_shutdown(tcp_borrow_tcp_socket(socket), how, &code));
}

uint8_t set_backlog(tcp_own_tcp_socket_t socket, uint64_t size) {
  return outcome(tcp_method_tcp_socket_set_listen_backlog_size(tcp_borrow_tcp_socket(socket), size, &code));
}

bool is_listening(tcp_own_tcp_socket_t socket) {
  return tcp_method_tcp_socket_is_listening(tcp_borrow_tcp_socket(socket));
}

void drop_socket(tcp_own_tcp_socket_t socket) { tcp_tcp_socket_drop_own(socket); }

void await_socket(tcp_own_tcp_socket_t socket) {
  poll_own_pollable_t pollable = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(socket));
  poll_method_pollable_block(poll_borrow_pollable(pollable));
  poll_pollable_drop_own(pollable);
}

uint8_t await_connect(tcp_own_tcp_socket_t socket, struct connection *connection) {
  await_socket(socket);
  return finish_connect(socket, connection);
}

uint8_t await_accept(tcp_own_tcp_socket_t socket, struct connection *connection) {
  await_socket(socket);
  return accept(socket, connection);
}

tcp_own_tcp_socket_t new_listener(network_ip_socket_address_t *address) {
  tcp_own_tcp_socket_t socket = new_socket(family_of(address));
  if (start_bind(socket, *address) != NETWORK_ERROR_CODE_OK || finish_bind(socket) != NETWORK_ERROR_CODE_OK ||
      start_listen(socket) != NETWORK_ERROR_CODE_OK || finish_listen(socket) != NETWORK_ERROR_CODE_OK ||
      local_address(socket, address) != NETWORK_ERROR_CODE_OK)
    __builtin_trap();
  return socket;
}

void new_pair(struct connection *client, struct connection *server) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address);
  tcp_own_tcp_socket_t socket = new_socket(family_of(&address));
  // The kernel completes a connection before it is accepted; wasmtime starts it at the first poll.
  if (start_connect(socket, address) != NETWORK_ERROR_CODE_OK || await_connect(socket, client) != NETWORK_ERROR_CODE_OK ||
      await_accept(listener, server) != NETWORK_ERROR_CODE_OK)
    __builtin_trap();
  drop_socket(listener);
}

void drop_connection(struct connection *connection) {
  streams_input_stream_drop_own(connection->input);
  streams_output_stream_drop_own(connection->output);
  drop_socket(connection->socket);
}
