// start-connect and finish-connect: states, refused arguments, failure and what is left of it.
#include "sockets.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4
#define V6 NETWORK_IP_ADDRESS_FAMILY_IPV6

static network_ip_socket_address_t v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port) {
  network_ip_socket_address_t address = {.tag = NETWORK_IP_SOCKET_ADDRESS_IPV4};
  address.val.ipv4 = (network_ipv4_socket_address_t){port, {a, b, c, d}};
  return address;
}

// A port of 127.0.0.1 that nobody listens on: one that was just given back.
static network_ip_socket_address_t closed_port(void) {
  network_ip_socket_address_t address = loopback(0);
  drop_socket(new_listener(&address));
  return address;
}

static void refused_arguments(void) {
  tcp_own_tcp_socket_t socket = new_socket(V4);
  network_ip_socket_address_t mapped = loopback6(80);
  mapped.val.ipv6.address = (network_ipv6_address_t){.f5 = 0xffff, .f6 = 0x7f00, .f7 = 1};
  EXPECT(start_connect(socket, v4(0, 0, 0, 0, 80)), INVALID_ARGUMENT);
  EXPECT(start_connect(socket, v4(127, 0, 0, 1, 0)), INVALID_ARGUMENT);
  EXPECT(start_connect(socket, v4(224, 0, 0, 1, 80)), INVALID_ARGUMENT);
  EXPECT(start_connect(socket, v4(255, 255, 255, 255, 80)), INVALID_ARGUMENT);
  EXPECT(start_connect(socket, loopback6(80)), INVALID_ARGUMENT);
  EXPECT(finish_connect(socket, &(struct connection){0}), NOT_IN_PROGRESS);
  drop_socket(socket);

  socket = new_socket(V6);
  EXPECT(start_connect(socket, v4(127, 0, 0, 1, 80)), INVALID_ARGUMENT);
  EXPECT(start_connect(socket, mapped), INVALID_ARGUMENT);
  drop_socket(socket);
}

static void connected(network_ip_socket_address_t address) {
  tcp_own_tcp_socket_t listener = new_listener(&address), socket = new_socket(family_of(&address));
  struct connection client, server;
  network_ip_socket_address_t local = {0}, remote = {0};

  EXPECT(start_connect(socket, address), OK);
  EXPECT(start_connect(socket, address), CONCURRENCY_CONFLICT);
  EXPECT(start_bind(socket, address), CONCURRENCY_CONFLICT);
  EXPECT(start_listen(socket), CONCURRENCY_CONFLICT);
  EXPECT(local_address(socket, &local), INVALID_STATE);
  EXPECT(remote_address(socket, &remote), INVALID_STATE);
  EXPECT(shut_down(socket, TCP_SHUTDOWN_TYPE_BOTH), INVALID_STATE);
  EXPECT(set_backlog(socket, 10), INVALID_STATE);
  CHECK(!is_listening(socket));

  EXPECT(await_connect(socket, &client), OK);
  EXPECT(finish_connect(socket, &client), NOT_IN_PROGRESS);
  EXPECT(await_accept(listener, &server), OK);
  EXPECT(accept(listener, &server), WOULD_BLOCK);

  EXPECT(local_address(socket, &local), OK);
  EXPECT(remote_address(socket, &remote), OK);
  EXPECT_NUMBER(port_of(&remote), port_of(&address));
  EXPECT(remote_address(server.socket, &remote), OK);
  EXPECT_NUMBER(port_of(&remote), port_of(&local));
  EXPECT(local_address(server.socket, &local), OK);
  EXPECT_NUMBER(port_of(&local), port_of(&address));

  struct connection both[] = {client, server};
  for (int i = 0; i < 2; i++) {
    tcp_own_tcp_socket_t end = both[i].socket;
    EXPECT(start_connect(end, address), INVALID_STATE);
    EXPECT(start_bind(end, address), INVALID_STATE);
    EXPECT(start_listen(end), INVALID_STATE);
    EXPECT(finish_bind(end), NOT_IN_PROGRESS);
    EXPECT(finish_connect(end, &both[i]), NOT_IN_PROGRESS);
    EXPECT(finish_listen(end), NOT_IN_PROGRESS);
    EXPECT(accept(end, &both[i]), INVALID_STATE);
    EXPECT(set_backlog(end, 10), INVALID_STATE);
    CHECK(!is_listening(end));
    CHECK(tcp_method_tcp_socket_address_family(tcp_borrow_tcp_socket(end)) == family_of(&address));
    await_socket(end); // always ready
  }
  drop_connection(&client);
  drop_connection(&server);
  drop_socket(listener);
}

static void connection_refused(void) {
  tcp_own_tcp_socket_t socket = new_socket(V4);
  struct connection none;
  network_ip_socket_address_t address = closed_port(), other;
  bool enabled;
  network_error_code_t code;
  EXPECT(start_connect(socket, address), OK);
  EXPECT(await_connect(socket, &none), CONNECTION_REFUSED);
  EXPECT(finish_connect(socket, &none), NOT_IN_PROGRESS); // told once
  // The socket is closed, and its getters keep the reason.
  EXPECT(local_address(socket, &other), CONNECTION_REFUSED);
  EXPECT(remote_address(socket, &other), CONNECTION_REFUSED);
  CHECK(!tcp_method_tcp_socket_keep_alive_enabled(tcp_borrow_tcp_socket(socket), &enabled, &code));
  EXPECT(code, CONNECTION_REFUSED);
  EXPECT(set_backlog(socket, 10), CONNECTION_REFUSED);
  EXPECT(set_backlog(socket, 0), INVALID_ARGUMENT);
  EXPECT(start_bind(socket, loopback(0)), INVALID_STATE);
  EXPECT(start_connect(socket, address), INVALID_STATE);
  EXPECT(start_listen(socket), INVALID_STATE);
  EXPECT(accept(socket, &none), INVALID_STATE);
  EXPECT(shut_down(socket, TCP_SHUTDOWN_TYPE_SEND), INVALID_STATE);
  CHECK(!is_listening(socket));
  await_socket(socket);
  drop_socket(socket);
}

// Between the pollable that tells the end of a connect and finish-connect, the getters know the end and the connect is in progress.
static void told_and_not_finished(void) {
  network_ip_socket_address_t address = loopback(0), local = {0}, remote = {0};
  tcp_own_tcp_socket_t listener = new_listener(&address), sockets[2];
  network_ip_socket_address_t to[2] = {address, closed_port()};
  struct connection client;
  bool enabled;
  network_error_code_t code;
  for (int i = 0; i < 2; i++) {
    sockets[i] = new_socket(V4);
    EXPECT(start_connect(sockets[i], to[i]), OK);
    EXPECT(local_address(sockets[i], &local), INVALID_STATE);
    await_socket(sockets[i]);
  }
  EXPECT(local_address(sockets[0], &local), OK);
  CHECK(port_of(&local) != 0);
  EXPECT(remote_address(sockets[0], &remote), OK);
  EXPECT_NUMBER(port_of(&remote), port_of(&address));
  CHECK(tcp_method_tcp_socket_keep_alive_enabled(tcp_borrow_tcp_socket(sockets[0]), &enabled, &code));
  EXPECT(set_backlog(sockets[0], 10), INVALID_STATE);
  EXPECT(local_address(sockets[1], &local), CONNECTION_REFUSED);
  EXPECT(remote_address(sockets[1], &remote), CONNECTION_REFUSED);
  CHECK(!tcp_method_tcp_socket_keep_alive_enabled(tcp_borrow_tcp_socket(sockets[1]), &enabled, &code));
  EXPECT(code, CONNECTION_REFUSED);
  EXPECT(set_backlog(sockets[1], 10), CONNECTION_REFUSED);
  for (int i = 0; i < 2; i++) {
    EXPECT(start_bind(sockets[i], loopback(0)), CONCURRENCY_CONFLICT);
    EXPECT(start_connect(sockets[i], address), CONCURRENCY_CONFLICT);
    EXPECT(shut_down(sockets[i], TCP_SHUTDOWN_TYPE_BOTH), INVALID_STATE);
    EXPECT(finish_listen(sockets[i]), NOT_IN_PROGRESS);
    await_socket(sockets[i]); // and still ready
  }
  EXPECT(finish_connect(sockets[0], &client), OK);
  EXPECT(finish_connect(sockets[1], &client), CONNECTION_REFUSED);
  drop_connection(&client);
  drop_socket(sockets[1]);
  drop_socket(listener);
}

static void from_a_bound_socket(void) {
  network_ip_socket_address_t address = loopback(0), bound = {0}, local = {0};
  tcp_own_tcp_socket_t listener = new_listener(&address), socket = new_socket(V4);
  struct connection client;
  EXPECT(start_bind(socket, loopback(0)), OK);
  EXPECT(finish_bind(socket), OK);
  EXPECT(local_address(socket, &bound), OK);
  EXPECT(start_connect(socket, address), OK);
  if (EXPECT(await_connect(socket, &client), OK)) {
    EXPECT(local_address(socket, &local), OK);
    EXPECT_NUMBER(port_of(&local), port_of(&bound));
    drop_connection(&client);
  } else {
    drop_socket(socket);
  }
  drop_socket(listener);
}

static void dropped_while_pending(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address), socket = new_socket(V4);
  EXPECT(start_connect(socket, address), OK);
  drop_socket(socket);
  drop_socket(listener);
}

bool exports_wasi_cli_run_run(void) {
  refused_arguments();
  connected(loopback(0));
  connected(loopback6(0));
  connection_refused();
  told_and_not_finished();
  from_a_bound_socket();
  dropped_while_pending();
  return finish_checks();
}
