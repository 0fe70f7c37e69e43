// udp-socket: hop limit and buffer sizes, in every state.
#include "datagrams.h"

static network_error_code_t code;

static uint8_t set_hop_limit(udp_own_udp_socket_t socket, uint8_t value) {
  return udp_method_udp_socket_set_unicast_hop_limit(udp_borrow_udp_socket(socket), value, &code) ? NETWORK_ERROR_CODE_OK : code;
}

static uint8_t set_receive_size(udp_own_udp_socket_t socket, uint64_t value) {
  return udp_method_udp_socket_set_receive_buffer_size(udp_borrow_udp_socket(socket), value, &code) ? NETWORK_ERROR_CODE_OK
                                                                                                     : code;
}

static uint8_t set_send_size(udp_own_udp_socket_t socket, uint64_t value) {
  return udp_method_udp_socket_set_send_buffer_size(udp_borrow_udp_socket(socket), value, &code) ? NETWORK_ERROR_CODE_OK : code;
}

static uint8_t hop_limit(udp_own_udp_socket_t socket) {
  uint8_t value = 0;
  CHECK(udp_method_udp_socket_unicast_hop_limit(udp_borrow_udp_socket(socket), &value, &code));
  return value;
}

static uint64_t receive_size(udp_own_udp_socket_t socket) {
  uint64_t value = 0;
  CHECK(udp_method_udp_socket_receive_buffer_size(udp_borrow_udp_socket(socket), &value, &code));
  return value;
}

static uint64_t send_size(udp_own_udp_socket_t socket) {
  uint64_t value = 0;
  CHECK(udp_method_udp_socket_send_buffer_size(udp_borrow_udp_socket(socket), &value, &code));
  return value;
}

static void options(udp_own_udp_socket_t socket) {
  CHECK(hop_limit(socket) > 0);
  EXPECT(set_hop_limit(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_hop_limit(socket, 42), OK);
  EXPECT_NUMBER(hop_limit(socket), 42);
  EXPECT(set_hop_limit(socket, 1), OK);
  EXPECT(set_hop_limit(socket, 255), OK);
  EXPECT_NUMBER(hop_limit(socket), 255);

  CHECK(receive_size(socket) > 0);
  EXPECT(set_receive_size(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_receive_size(socket, 0x10000), OK);
  EXPECT_NUMBER(receive_size(socket), 0x10000); // the kernel's doubling is hidden
  EXPECT(set_receive_size(socket, 1), OK);      // raised to the kernel's least
  CHECK(receive_size(socket) >= 1);
  EXPECT(set_receive_size(socket, UINT64_MAX), OK); // cut to the kernel's most
  CHECK(receive_size(socket) >= 0x10000);

  CHECK(send_size(socket) > 0);
  EXPECT(set_send_size(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_send_size(socket, 0x10000), OK);
  EXPECT_NUMBER(send_size(socket), 0x10000);
  EXPECT(set_send_size(socket, 1), OK);
  CHECK(send_size(socket) >= 1);
  EXPECT(set_send_size(socket, UINT64_MAX), OK);
  CHECK(send_size(socket) >= 0x10000);
}

static void in_each_state(network_ip_socket_address_t address) {
  udp_own_udp_socket_t socket = new_udp_socket(family_of(&address));
  struct datagram_streams streams;
  options(socket);
  EXPECT(udp_start_bind(socket, address), OK);
  options(socket);
  EXPECT(udp_finish_bind(socket), OK);
  options(socket);
  network_ip_socket_address_t peer = address;
  udp_own_udp_socket_t other = new_bound_udp_socket(&peer);
  EXPECT(udp_stream(socket, &peer, &streams), OK);
  options(socket);
  drop_datagram_streams(&streams);
  drop_udp_socket(other);
  drop_udp_socket(socket);
}

bool exports_wasi_cli_run_run(void) {
  in_each_state(loopback(0));
  in_each_state(loopback6(0));
  return finish_checks();
}
