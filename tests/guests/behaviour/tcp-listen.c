// start-listen, finish-listen, accept and the backlog.
#include "sockets.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4

static void unbound(void) {
  tcp_own_tcp_socket_t socket = new_socket(V4);
  struct connection none;
  EXPECT(start_listen(socket), INVALID_STATE); // 0.2 binds nothing by itself
  EXPECT(finish_listen(socket), NOT_IN_PROGRESS);
  EXPECT(accept(socket, &none), INVALID_STATE);
  EXPECT(shut_down(socket, TCP_SHUTDOWN_TYPE_BOTH), INVALID_STATE);
  drop_socket(socket);
}

static void two_phases(void) {
  tcp_own_tcp_socket_t socket = new_socket(V4);
  struct connection none;
  network_ip_socket_address_t address;
  poll_own_pollable_t pollable = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(socket));
  EXPECT(start_bind(socket, loopback(0)), OK);
  poll_method_pollable_block(poll_borrow_pollable(pollable));
  EXPECT(finish_bind(socket), OK);
  CHECK(!is_listening(socket));
  EXPECT(accept(socket, &none), INVALID_STATE);
  EXPECT(start_listen(socket), OK);
  CHECK(is_listening(socket)); // listens already
  poll_method_pollable_block(poll_borrow_pollable(pollable)); // nobody connects: a listen in progress is ready by itself
  EXPECT(start_listen(socket), CONCURRENCY_CONFLICT);
  EXPECT(start_bind(socket, loopback(0)), CONCURRENCY_CONFLICT);
  EXPECT(start_connect(socket, loopback(80)), CONCURRENCY_CONFLICT);
  EXPECT(finish_bind(socket), NOT_IN_PROGRESS);
  EXPECT(finish_listen(socket), OK);
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(pollable))); // from here on it tells of connections
  poll_pollable_drop_own(pollable);
  EXPECT(finish_listen(socket), NOT_IN_PROGRESS);
  CHECK(is_listening(socket));
  EXPECT(accept(socket, &none), WOULD_BLOCK);
  EXPECT(start_listen(socket), INVALID_STATE);
  EXPECT(start_bind(socket, loopback(0)), INVALID_STATE);
  EXPECT(start_connect(socket, loopback(80)), INVALID_STATE);
  EXPECT(shut_down(socket, TCP_SHUTDOWN_TYPE_BOTH), INVALID_STATE);
  EXPECT(local_address(socket, &address), OK);
  EXPECT(remote_address(socket, &address), INVALID_STATE);
  drop_socket(socket);
}

static void backlog(void) {
  tcp_own_tcp_socket_t socket = new_socket(V4);
  EXPECT(set_backlog(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_backlog(socket, 1), OK);
  EXPECT(set_backlog(socket, UINT64_MAX), OK);
  EXPECT(start_bind(socket, loopback(0)), OK);
  EXPECT(finish_bind(socket), OK);
  EXPECT(set_backlog(socket, 5), OK);
  EXPECT(start_listen(socket), OK);
  EXPECT(finish_listen(socket), OK);
  EXPECT(set_backlog(socket, 10), OK);
  EXPECT(set_backlog(socket, 0), INVALID_ARGUMENT);
  drop_socket(socket);
}

// Several wait in the queue: one readiness, one accept each, in order, then would-block.
static void queue(void) {
  network_ip_socket_address_t address = loopback(0), local, remote;
  tcp_own_tcp_socket_t listener = new_listener(&address);
  struct connection clients[3], servers[3];
  for (int i = 0; i < 3; i++) {
    tcp_own_tcp_socket_t socket = new_socket(V4);
    EXPECT(start_connect(socket, address), OK);
    EXPECT(await_connect(socket, &clients[i]), OK);
  }
  for (int i = 0; i < 3; i++) {
    EXPECT(await_accept(listener, &servers[i]), OK);
    EXPECT(local_address(clients[i].socket, &local), OK);
    EXPECT(remote_address(servers[i].socket, &remote), OK);
    EXPECT_NUMBER(port_of(&remote), port_of(&local));
    CHECK(!is_listening(servers[i].socket));
  }
  EXPECT(accept(listener, &servers[0]), WOULD_BLOCK);
  poll_own_pollable_t pollable = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(listener));
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(pollable)));
  poll_pollable_drop_own(pollable);
  // What was accepted lives on without its listener.
  drop_socket(listener);
  for (int i = 0; i < 3; i++) {
    EXPECT(remote_address(servers[i].socket, &remote), OK);
    drop_connection(&clients[i]);
    drop_connection(&servers[i]);
  }
}

// accept does not ask whether finish-listen was called.
static void accept_before_finish(void) {
  network_ip_socket_address_t address;
  tcp_own_tcp_socket_t socket = new_socket(V4), dialer = new_socket(V4);
  struct connection client, server;
  EXPECT(start_bind(socket, loopback(0)), OK);
  EXPECT(finish_bind(socket), OK);
  EXPECT(local_address(socket, &address), OK);
  EXPECT(start_listen(socket), OK);
  EXPECT(start_connect(dialer, address), OK);
  EXPECT(await_connect(dialer, &client), OK);
  await_socket(socket); // ready at once: not listening yet for all that subscribe knows
  uint8_t outcome;
  while ((outcome = accept(socket, &server)) == NETWORK_ERROR_CODE_WOULD_BLOCK) {}
  EXPECT(outcome, OK);
  drop_connection(&client);
  drop_connection(&server);
  drop_socket(socket);
}

bool exports_wasi_cli_run_run(void) {
  unbound();
  two_phases();
  backlog();
  queue();
  accept_before_finish();
  return finish_checks();
}
