// limits WHAT N: makes N resources of a kind, or one call with a list of N, so that a host's limits can be told.
#include "arguments.h"
#include "datagrams.h"
#include "sockets.h"

enum { MOST = 1000 };

static uint64_t count;

static bool clocks(void) {
  for (uint64_t i = 0; i < count; i++) monotonic_clock_subscribe_duration(1);
  return true;
}

static bool sockets(void) {
  for (uint64_t i = 0; i < count; i++) new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  return true;
}

static bool pollables(void) {
  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  for (uint64_t i = 0; i < count; i++) tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(socket));
  return true;
}

static bool poll_list(void) {
  static poll_borrow_pollable_t list[MOST];
  poll_own_pollable_t due = monotonic_clock_subscribe_duration(1);
  for (uint64_t i = 0; i < count; i++) list[i] = poll_borrow_pollable(due);
  poll_list_borrow_pollable_t all = {list, count};
  guest_list_u32_t ready;
  poll_poll(&all, &ready);
  return ready.len == count;
}

static bool datagrams(void) {
  static udp_outgoing_datagram_t list[MOST];
  network_ip_socket_address_t address = loopback(0);
  udp_own_udp_socket_t socket = new_bound_udp_socket(&address);
  struct datagram_streams streams;
  uint64_t sent;
  if (udp_stream(socket, NULL, &streams) != NETWORK_ERROR_CODE_OK) return false;
  for (uint64_t i = 0; i < count; i++) list[i] = datagram(&address, "x", 1);
  check_send(&streams);
  return send_datagrams(&streams, list, count, &sent) == NETWORK_ERROR_CODE_OK && sent == count;
}

// Prints nothing: stdout is a resource, too.
bool exports_wasi_cli_run_run(void) {
  count = argument_number(2, 1);
  if (count > MOST) return false;
  if (argument_is(1, "clocks")) return clocks();
  if (argument_is(1, "sockets")) return sockets();
  if (argument_is(1, "pollables")) return pollables();
  if (argument_is(1, "poll")) return poll_list();
  return argument_is(1, "datagrams") && datagrams();
}
