// Socket options: what is refused, clamped and rounded, and what an accepted socket inherits.
#include "sockets.h"

static const uint64_t second = 1000000000;
static network_error_code_t code;

// One getter and one setter a kind of option, with outcomes as values.
#define OPTION(type, name)                                                                                  \
  static uint8_t set_##name(tcp_own_tcp_socket_t socket, type value) {                                      \
    return tcp_method_tcp_socket_set_##name(tcp_borrow_tcp_socket(socket), value, &code) ? NETWORK_ERROR_CODE_OK : code; \
  }                                                                                                         \
  static uint8_t get_##name(tcp_own_tcp_socket_t socket, type *value) {                                     \
    return tcp_method_tcp_socket_##name(tcp_borrow_tcp_socket(socket), value, &code) ? NETWORK_ERROR_CODE_OK : code; \
  }

OPTION(bool, keep_alive_enabled)
OPTION(uint64_t, keep_alive_idle_time)
OPTION(uint64_t, keep_alive_interval)
OPTION(uint32_t, keep_alive_count)
OPTION(uint8_t, hop_limit)
OPTION(uint64_t, receive_buffer_size)
OPTION(uint64_t, send_buffer_size)

static uint64_t idle_after(tcp_own_tcp_socket_t socket, uint64_t value) {
  EXPECT(set_keep_alive_idle_time(socket, value), OK);
  EXPECT(get_keep_alive_idle_time(socket, &value), OK);
  return value;
}

static uint64_t interval_after(tcp_own_tcp_socket_t socket, uint64_t value) {
  EXPECT(set_keep_alive_interval(socket, value), OK);
  EXPECT(get_keep_alive_interval(socket, &value), OK);
  return value;
}

static uint32_t count_after(tcp_own_tcp_socket_t socket, uint32_t value) {
  EXPECT(set_keep_alive_count(socket, value), OK);
  EXPECT(get_keep_alive_count(socket, &value), OK);
  return value;
}

static uint8_t hops_after(tcp_own_tcp_socket_t socket, uint8_t value) {
  EXPECT(set_hop_limit(socket, value), OK);
  EXPECT(get_hop_limit(socket, &value), OK);
  return value;
}

static void keep_alive(tcp_own_tcp_socket_t socket) {
  bool enabled = true;
  EXPECT(get_keep_alive_enabled(socket, &enabled), OK);
  CHECK(!enabled);
  EXPECT(set_keep_alive_enabled(socket, true), OK);
  EXPECT(get_keep_alive_enabled(socket, &enabled), OK);
  CHECK(enabled);
  EXPECT(set_keep_alive_enabled(socket, false), OK);
  EXPECT(get_keep_alive_enabled(socket, &enabled), OK);
  CHECK(!enabled);

  EXPECT(set_keep_alive_idle_time(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_keep_alive_interval(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_keep_alive_count(socket, 0), INVALID_ARGUMENT);
  EXPECT_NUMBER(idle_after(socket, 42 * second), 42 * second);
  EXPECT_NUMBER(idle_after(socket, 1), second);                  // clamped
  EXPECT_NUMBER(idle_after(socket, 41 * second + 1), 42 * second); // rounded up
  EXPECT_NUMBER(idle_after(socket, UINT64_MAX), 32767 * second);
  EXPECT_NUMBER(interval_after(socket, 42 * second), 42 * second);
  EXPECT_NUMBER(interval_after(socket, 1), second);
  EXPECT_NUMBER(interval_after(socket, 41 * second + 1), 42 * second);
  EXPECT_NUMBER(interval_after(socket, UINT64_MAX), 32767 * second);
  EXPECT_NUMBER(count_after(socket, 42), 42);
  EXPECT_NUMBER(count_after(socket, 1), 1);
  EXPECT_NUMBER(count_after(socket, UINT32_MAX), 127);
}

static void hop_limit(tcp_own_tcp_socket_t socket) {
  EXPECT(set_hop_limit(socket, 0), INVALID_ARGUMENT);
  EXPECT_NUMBER(hops_after(socket, 1), 1);
  EXPECT_NUMBER(hops_after(socket, 42), 42);
  EXPECT_NUMBER(hops_after(socket, 255), 255);
}

static void buffers(tcp_own_tcp_socket_t socket) {
  uint64_t size = 0;
  EXPECT(set_receive_buffer_size(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_send_buffer_size(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_receive_buffer_size(socket, 0x10000), OK);
  EXPECT(get_receive_buffer_size(socket, &size), OK);
  EXPECT_NUMBER(size, 0x10000); // without the kernel's doubling
  EXPECT(set_send_buffer_size(socket, 0x10000), OK);
  EXPECT(get_send_buffer_size(socket, &size), OK);
  EXPECT_NUMBER(size, 0x10000);
  EXPECT(set_receive_buffer_size(socket, 1), OK); // the kernel's least
  EXPECT(get_receive_buffer_size(socket, &size), OK);
  CHECK(size > 1);
  EXPECT(set_send_buffer_size(socket, UINT64_MAX), OK); // the kernel's most
  EXPECT(get_send_buffer_size(socket, &size), OK);
  CHECK(size > 1);
}

static void inherited(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address), dialer = new_socket(family_of(&address));
  struct connection client, server;
  bool enabled = false;
  uint64_t number = 0;
  uint32_t count = 0;
  uint8_t hops = 0;
  EXPECT(set_keep_alive_enabled(listener, true), OK);
  EXPECT(set_keep_alive_idle_time(listener, 42 * second), OK);
  EXPECT(set_keep_alive_interval(listener, 43 * second), OK);
  EXPECT(set_keep_alive_count(listener, 44), OK);
  EXPECT(set_hop_limit(listener, 45), OK);
  EXPECT(set_receive_buffer_size(listener, 0x10000), OK);
  EXPECT(set_send_buffer_size(listener, 0x10000), OK);
  EXPECT(start_connect(dialer, address), OK);
  EXPECT(await_connect(dialer, &client), OK);
  EXPECT(await_accept(listener, &server), OK);
  EXPECT(set_keep_alive_idle_time(listener, 99 * second), OK); // later changes do not reach it
  EXPECT(get_keep_alive_enabled(server.socket, &enabled), OK);
  CHECK(enabled);
  EXPECT(get_keep_alive_idle_time(server.socket, &number), OK);
  EXPECT_NUMBER(number, 42 * second);
  EXPECT(get_keep_alive_interval(server.socket, &number), OK);
  EXPECT_NUMBER(number, 43 * second);
  EXPECT(get_keep_alive_count(server.socket, &count), OK);
  EXPECT_NUMBER(count, 44);
  EXPECT(get_hop_limit(server.socket, &hops), OK);
  EXPECT_NUMBER(hops, 45);
  EXPECT(get_receive_buffer_size(server.socket, &number), OK);
  CHECK(number >= 0x10000);
  EXPECT(get_send_buffer_size(server.socket, &number), OK);
  CHECK(number >= 0x10000);
  drop_connection(&client);
  drop_connection(&server);
  drop_socket(listener);
}

// While a connect is pending, options are out of reach; what is wrong by itself is told before that, save for the two that look
// at the state first.
static void while_connecting(void) {
  network_ip_socket_address_t address = loopback(0);
  tcp_own_tcp_socket_t listener = new_listener(&address), socket = new_socket(family_of(&address));
  uint64_t number;
  uint8_t hops;
  EXPECT(start_connect(socket, address), OK);
  EXPECT(set_keep_alive_enabled(socket, true), INVALID_STATE);
  EXPECT(get_keep_alive_idle_time(socket, &number), INVALID_STATE);
  EXPECT(set_keep_alive_idle_time(socket, 0), INVALID_ARGUMENT);
  EXPECT(set_keep_alive_interval(socket, second), INVALID_STATE);
  EXPECT(set_keep_alive_count(socket, 0), INVALID_ARGUMENT);
  EXPECT(get_hop_limit(socket, &hops), INVALID_STATE);
  EXPECT(set_hop_limit(socket, 0), INVALID_STATE);
  EXPECT(set_receive_buffer_size(socket, 0), INVALID_STATE);
  EXPECT(get_send_buffer_size(socket, &number), INVALID_STATE);
  drop_socket(socket);
  drop_socket(listener);
}

bool exports_wasi_cli_run_run(void) {
  network_ip_address_family_t families[] = {NETWORK_IP_ADDRESS_FAMILY_IPV4, NETWORK_IP_ADDRESS_FAMILY_IPV6};
  for (int i = 0; i < 2; i++) {
    tcp_own_tcp_socket_t socket = new_socket(families[i]);
    keep_alive(socket);
    hop_limit(socket);
    buffers(socket);
    drop_socket(socket);
  }
  inherited();
  while_connecting();
  return finish_checks();
}
