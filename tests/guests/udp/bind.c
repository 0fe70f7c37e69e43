// udp-socket: start-bind, finish-bind, the addresses, and what stream asks of the state.
#include "datagrams.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4
#define V6 NETWORK_IP_ADDRESS_FAMILY_IPV6

static network_ip_socket_address_t parsed(const char *string) {
  network_ip_socket_address_t address;
  if (!parse_address(string, __builtin_strlen(string), &address)) __builtin_trap();
  return address;
}

static void await_socket(udp_own_udp_socket_t socket) {
  poll_own_pollable_t pollable = udp_method_udp_socket_subscribe(udp_borrow_udp_socket(socket));
  poll_method_pollable_block(poll_borrow_pollable(pollable));
  CHECK(poll_method_pollable_ready(poll_borrow_pollable(pollable)));
  poll_pollable_drop_own(pollable);
}

static void fresh_socket(network_ip_address_family_t family) {
  udp_own_udp_socket_t socket = new_udp_socket(family);
  network_ip_socket_address_t address, peer = family == V4 ? loopback(9) : loopback6(9);
  struct datagram_streams streams;
  CHECK(udp_method_udp_socket_address_family(udp_borrow_udp_socket(socket)) == family);
  EXPECT(udp_finish_bind(socket), NOT_IN_PROGRESS);
  EXPECT(udp_local_address(socket, &address), INVALID_STATE);
  EXPECT(udp_remote_address(socket, &address), INVALID_STATE);
  EXPECT(udp_stream(socket, NULL, &streams), INVALID_STATE); // there is no implicit bind
  EXPECT(udp_stream(socket, &peer, &streams), INVALID_STATE);
  await_socket(socket);
  drop_udp_socket(socket);
}

static void two_phases(network_ip_socket_address_t any_port) {
  udp_own_udp_socket_t socket = new_udp_socket(family_of(&any_port));
  network_ip_socket_address_t before = {0}, after = {0}, address;
  struct datagram_streams streams;
  EXPECT(udp_start_bind(socket, any_port), OK);
  EXPECT(udp_local_address(socket, &before), OK); // bound already
  CHECK(port_of(&before) != 0);
  EXPECT(udp_start_bind(socket, any_port), CONCURRENCY_CONFLICT);
  await_socket(socket);
  EXPECT(udp_finish_bind(socket), OK);
  EXPECT(udp_finish_bind(socket), NOT_IN_PROGRESS);
  EXPECT(udp_local_address(socket, &after), OK);
  CHECK(same_address(&before, &after));
  EXPECT(udp_remote_address(socket, &address), INVALID_STATE);
  EXPECT(udp_start_bind(socket, any_port), INVALID_STATE); // a second time
  EXPECT(udp_stream(socket, NULL, &streams), OK);
  EXPECT(udp_start_bind(socket, any_port), INVALID_STATE);
  drop_datagram_streams(&streams);
  drop_udp_socket(socket);
}

// stream does not ask whether the bind was finished.
static void stream_before_finish(void) {
  udp_own_udp_socket_t socket = new_udp_socket(V4);
  struct datagram_streams streams;
  EXPECT(udp_start_bind(socket, loopback(0)), OK);
  EXPECT(udp_stream(socket, NULL, &streams), OK);
  EXPECT(udp_start_bind(socket, loopback(0)), CONCURRENCY_CONFLICT);
  EXPECT(udp_finish_bind(socket), OK);
  drop_datagram_streams(&streams);
  drop_udp_socket(socket);
}

static void refused_addresses(void) {
  static const struct {
    network_ip_address_family_t family;
    const char *address;
  } cases[] = {
    {V4, "[::1]:0"},           // of the other family
    {V6, "127.0.0.1:0"},       //
    {V6, "[::ffff:7f00:1]:0"}, // IPv4-mapped
    {V6, "[::7f00:1]:0"},      // IPv4-compatible
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    udp_own_udp_socket_t socket = new_udp_socket(cases[i].family);
    check(udp_start_bind(socket, parsed(cases[i].address)) == NETWORK_ERROR_CODE_INVALID_ARGUMENT, __FILE__, __LINE__,
          cases[i].address);
    // The socket is as it was.
    EXPECT(udp_finish_bind(socket), NOT_IN_PROGRESS);
    EXPECT(udp_start_bind(socket, cases[i].family == V4 ? loopback(0) : loopback6(0)), OK);
    drop_udp_socket(socket);
  }
}

// Unlike TCP's, a UDP socket may be bound to a multicast or the broadcast address.
static void not_only_unicast(void) {
  static const char *const addresses[] = {"224.0.0.1:0", "239.255.255.255:0", "255.255.255.255:0"};
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    udp_own_udp_socket_t socket = new_udp_socket(V4);
    check(udp_start_bind(socket, parsed(addresses[i])) == NETWORK_ERROR_CODE_OK, __FILE__, __LINE__, addresses[i]);
    EXPECT(udp_finish_bind(socket), OK);
    drop_udp_socket(socket);
  }
}

static void failures(void) {
  network_ip_socket_address_t address = loopback(0), other;
  udp_own_udp_socket_t taken = new_bound_udp_socket(&address), socket = new_udp_socket(V4);
  EXPECT(udp_start_bind(socket, parsed("192.0.2.1:0")), ADDRESS_NOT_BINDABLE); // TEST-NET-1: nobody's
  EXPECT(udp_start_bind(socket, address), ADDRESS_IN_USE);                     // no SO_REUSEADDR
  EXPECT(udp_finish_bind(socket), NOT_IN_PROGRESS);
  EXPECT(udp_local_address(socket, &other), INVALID_STATE);
  drop_udp_socket(taken);
  EXPECT(udp_start_bind(socket, address), OK); // free again at once
  EXPECT(udp_finish_bind(socket), OK);
  drop_udp_socket(socket);
}

// IPv6 sockets are v6-only, so both wildcards fit on one port.
static void both_wildcards(void) {
  network_ip_socket_address_t v6 = parsed("[::]:0"), v4 = parsed("0.0.0.0:0");
  udp_own_udp_socket_t first = new_bound_udp_socket(&v6), second = new_udp_socket(V4);
  v4.val.ipv4.port = port_of(&v6);
  EXPECT(udp_start_bind(second, v4), OK);
  EXPECT(udp_finish_bind(second), OK);
  drop_udp_socket(first);
  drop_udp_socket(second);
}

bool exports_wasi_cli_run_run(void) {
  fresh_socket(V4);
  fresh_socket(V6);
  two_phases(loopback(0));
  two_phases(loopback6(0));
  stream_before_finish();
  refused_addresses();
  not_only_unicast();
  failures();
  both_wildcards();
  return finish_checks();
}
