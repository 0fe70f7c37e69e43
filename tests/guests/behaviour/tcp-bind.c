// start-bind, finish-bind and the addresses of a socket that is not connected.
#include "sockets.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4
#define V6 NETWORK_IP_ADDRESS_FAMILY_IPV6

static network_ip_socket_address_t parsed(const char *string) {
  network_ip_socket_address_t address;
  size_t length = 0;
  while (string[length] != 0) length++;
  if (!parse_address(string, length, &address)) __builtin_trap();
  return address;
}

static void fresh_socket(network_ip_address_family_t family) {
  tcp_own_tcp_socket_t socket = new_socket(family);
  network_ip_socket_address_t address;
  CHECK(tcp_method_tcp_socket_address_family(tcp_borrow_tcp_socket(socket)) == family);
  CHECK(!is_listening(socket));
  EXPECT(finish_bind(socket), NOT_IN_PROGRESS);
  EXPECT(local_address(socket, &address), INVALID_STATE);
  EXPECT(remote_address(socket, &address), INVALID_STATE);
  drop_socket(socket);
}

static void two_phases(network_ip_socket_address_t any_port) {
  tcp_own_tcp_socket_t socket = new_socket(family_of(&any_port));
  network_ip_socket_address_t before = {0}, after = {0}, address;
  EXPECT(start_bind(socket, any_port), OK);
  EXPECT(local_address(socket, &before), OK); // bound already
  CHECK(port_of(&before) != 0);
  EXPECT(start_bind(socket, any_port), CONCURRENCY_CONFLICT);
  EXPECT(start_connect(socket, any_port), CONCURRENCY_CONFLICT);
  EXPECT(start_listen(socket), CONCURRENCY_CONFLICT);
  EXPECT(finish_listen(socket), NOT_IN_PROGRESS);
  EXPECT(finish_connect(socket, &(struct connection){0}), NOT_IN_PROGRESS);
  EXPECT(finish_bind(socket), OK);
  EXPECT(finish_bind(socket), NOT_IN_PROGRESS);
  EXPECT(local_address(socket, &after), OK);
  EXPECT_NUMBER(port_of(&after), port_of(&before));
  EXPECT(remote_address(socket, &address), INVALID_STATE);
  EXPECT(start_bind(socket, any_port), INVALID_STATE); // a second time
  drop_socket(socket);
}

static void refused_addresses(void) {
  static const struct {
    network_ip_address_family_t family;
    const char *address;
  } cases[] = {
    {V4, "[::1]:0"},          // of the other family
    {V6, "127.0.0.1:0"},      //
    {V6, "[::ffff:7f00:1]:0"}, // IPv4-mapped
    {V6, "[::7f00:1]:0"},     // IPv4-compatible
    {V4, "224.0.0.1:0"},      // multicast
    {V4, "239.255.255.255:0"}, //
    {V4, "255.255.255.255:0"}, // broadcast
    {V6, "[ff02::1]:0"},      //
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    tcp_own_tcp_socket_t socket = new_socket(cases[i].family);
    check(start_bind(socket, parsed(cases[i].address)) == NETWORK_ERROR_CODE_INVALID_ARGUMENT, __FILE__, __LINE__,
          cases[i].address);
    // The socket is as it was.
    EXPECT(finish_bind(socket), NOT_IN_PROGRESS);
    EXPECT(start_bind(socket, cases[i].family == V4 ? loopback(0) : loopback6(0)), OK);
    EXPECT(finish_bind(socket), OK);
    drop_socket(socket);
  }
}

static void not_bindable(void) {
  tcp_own_tcp_socket_t socket = new_socket(V4);
  EXPECT(start_bind(socket, parsed("192.0.2.1:0")), ADDRESS_NOT_BINDABLE); // TEST-NET-1: nobody's
  EXPECT(start_bind(socket, loopback(0)), OK);
  drop_socket(socket);
}

static void in_use(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address);
  tcp_own_tcp_socket_t socket = new_socket(V4);
  EXPECT(start_bind(socket, address), ADDRESS_IN_USE);
  EXPECT(finish_bind(socket), NOT_IN_PROGRESS);
  drop_socket(listener);
  EXPECT(start_bind(socket, address), OK); // free again at once
  EXPECT(finish_bind(socket), OK);
  drop_socket(socket);
}

// A port whose last connection is in TIME_WAIT can be bound: SO_REUSEADDR.
static void bound_again_after_use(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address), socket = new_socket(V4);
  struct connection client, server;
  EXPECT(start_connect(socket, address), OK);
  EXPECT(await_connect(socket, &client), OK);
  EXPECT(await_accept(listener, &server), OK);
  drop_connection(&server); // closes first: its side gets the TIME_WAIT
  drop_connection(&client);
  drop_socket(listener);
  listener = new_socket(V4);
  EXPECT(start_bind(listener, address), OK);
  EXPECT(finish_bind(listener), OK);
  EXPECT(start_listen(listener), OK);
  drop_socket(listener);
}

static void wildcard(void) {
  tcp_own_tcp_socket_t socket = new_socket(V4);
  network_ip_socket_address_t address = {0};
  EXPECT(start_bind(socket, parsed("0.0.0.0:0")), OK);
  EXPECT(finish_bind(socket), OK);
  EXPECT(local_address(socket, &address), OK);
  EXPECT_NUMBER(address.val.ipv4.address.f0, 0);
  CHECK(port_of(&address) != 0);
  drop_socket(socket);
}

bool exports_wasi_cli_run_run(void) {
  fresh_socket(V4);
  fresh_socket(V6);
  two_phases(loopback(0));
  two_phases(loopback6(0));
  refused_addresses();
  not_bindable();
  in_use();
  bound_again_after_use();
  wildcard();
  return finish_checks();
}
