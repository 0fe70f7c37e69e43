#include "datagrams.h"

#include <string.h>

static network_error_code_t code;

static uint8_t outcome(bool ok) { return ok ? NETWORK_ERROR_CODE_OK : code; }

udp_own_udp_socket_t new_udp_socket(network_ip_address_family_t family) {
  udp_own_udp_socket_t socket;
  if (!udp_create_socket_create_udp_socket(family, &socket, &code)) __builtin_trap();
  return socket;
}

uint8_t udp_start_bind(udp_own_udp_socket_t socket, network_ip_socket_address_t address) {
  network_own_network_t network = instance_network_instance_network();
  bool ok = udp_method_udp_socket_start_bind(udp_borrow_udp_socket(socket), network_borrow_network(network), &address, &code);
  network_network_drop_own(network);
  return outcome(ok);
}

uint8_t udp_finish_bind(udp_own_udp_socket_t socket) {
  return outcome(udp_method_udp_socket_finish_bind(udp_borrow_udp_socket(socket), &code));
}

uint8_t udp_stream(udp_own_udp_socket_t socket, network_ip_socket_address_t *peer, struct datagram_streams *streams) {
  udp_tuple2_own_incoming_datagram_stream_own_outgoing_datagram_stream_t pair;
  if (!udp_method_udp_socket_stream(udp_borrow_udp_socket(socket), peer, &pair, &code)) return code;
  *streams = (struct datagram_streams){pair.f0, pair.f1};
  return NETWORK_ERROR_CODE_OK;
}

uint8_t udp_local_address(udp_own_udp_socket_t socket, network_ip_socket_address_t *address) {
  return outcome(udp_method_udp_socket_local_address(udp_borrow_udp_socket(socket), address, &code));
}

uint8_t udp_remote_address(udp_own_udp_socket_t socket, network_ip_socket_address_t *address) {
  return outcome(udp_method_udp_socket_remote_address(udp_borrow_udp_socket(socket), address, &code));
}

uint64_t check_send(struct datagram_streams *streams) {
  uint64_t permit;
  if (!udp_method_outgoing_datagram_stream_check_send(udp_borrow_outgoing_datagram_stream(streams->outgoing), &permit, &code))
    __builtin_trap();
  return permit;
}

uint8_t send_datagrams(struct datagram_streams *streams, udp_outgoing_datagram_t *datagrams, size_t count, uint64_t *sent) {
  udp_list_outgoing_datagram_t list = {datagrams, count};
  return outcome(
    udp_method_outgoing_datagram_stream_send(udp_borrow_outgoing_datagram_stream(streams->outgoing), &list, sent, &code));
}

uint8_t send_datagram(struct datagram_streams *streams, network_ip_socket_address_t *to, const void *bytes, size_t length) {
  udp_outgoing_datagram_t one = datagram(to, bytes, length);
  uint64_t sent;
  check_send(streams);
  return send_datagrams(streams, &one, 1, &sent);
}

udp_outgoing_datagram_t datagram(network_ip_socket_address_t *to, const void *bytes, size_t length) {
  udp_outgoing_datagram_t datagram = {.data = {(uint8_t *)bytes, length}};
  if (to != NULL) {
    datagram.remote_address.is_some = true;
    datagram.remote_address.val = *to;
  }
  return datagram;
}

uint8_t receive(struct datagram_streams *streams, uint64_t max, udp_list_incoming_datagram_t *datagrams) {
  return outcome(udp_method_incoming_datagram_stream_receive(udp_borrow_incoming_datagram_stream(streams->incoming), max,
                                                             datagrams, &code));
}

static poll_own_pollable_t subscribe(struct datagram_streams *streams) {
  return udp_method_incoming_datagram_stream_subscribe(udp_borrow_incoming_datagram_stream(streams->incoming));
}

uint8_t await_receive(struct datagram_streams *streams, uint64_t max, udp_list_incoming_datagram_t *datagrams) {
  poll_own_pollable_t readable = subscribe(streams);
  poll_method_pollable_block(poll_borrow_pollable(readable));
  poll_pollable_drop_own(readable);
  return receive(streams, max, datagrams);
}

bool readable_within(struct datagram_streams *streams, uint64_t duration) {
  poll_own_pollable_t readable = subscribe(streams), timer = monotonic_clock_subscribe_duration(duration);
  poll_borrow_pollable_t pollables[] = {poll_borrow_pollable(readable), poll_borrow_pollable(timer)};
  poll_list_borrow_pollable_t list = {pollables, 2};
  guest_list_u32_t ready;
  poll_poll(&list, &ready);
  bool answer = false;
  for (size_t i = 0; i < ready.len; i++) answer = answer || ready.ptr[i] == 0;
  poll_pollable_drop_own(readable);
  poll_pollable_drop_own(timer);
  return answer;
}

bool same_address(const network_ip_socket_address_t *a, const network_ip_socket_address_t *b) {
  if (a->tag != b->tag) return false;
  if (a->tag == NETWORK_IP_SOCKET_ADDRESS_IPV4)
    return a->val.ipv4.port == b->val.ipv4.port && memcmp(&a->val.ipv4.address, &b->val.ipv4.address, 4) == 0;
  return a->val.ipv6.port == b->val.ipv6.port && memcmp(&a->val.ipv6.address, &b->val.ipv6.address, 16) == 0;
}

bool datagram_is(const udp_incoming_datagram_t *datagram, const char *expected) {
  size_t length = strlen(expected);
  return datagram->data.len == length && memcmp(datagram->data.ptr, expected, length) == 0;
}

void drop_datagram_streams(struct datagram_streams *streams) {
  udp_incoming_datagram_stream_drop_own(streams->incoming);
  udp_outgoing_datagram_stream_drop_own(streams->outgoing);
}

void drop_udp_socket(udp_own_udp_socket_t socket) { udp_udp_socket_drop_own(socket); }

udp_own_udp_socket_t new_bound_udp_socket(network_ip_socket_address_t *address) {
  udp_own_udp_socket_t socket = new_udp_socket(family_of(address));
  if (udp_start_bind(socket, *address) != NETWORK_ERROR_CODE_OK || udp_finish_bind(socket) != NETWORK_ERROR_CODE_OK ||
      udp_local_address(socket, address) != NETWORK_ERROR_CODE_OK)
    __builtin_trap();
  return socket;
}
