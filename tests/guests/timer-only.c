// timer-only [MILLISECONDS]: a host that keeps a socket registered must not spin on it while the guest does not ask for it.
//
// Prints `listening on ADDRESS`, accepts one client, waits until it has sent something (`ready`), leaves that unread, and from
// then on polls a timer alone (default 2000 ms) while the socket stays readable, or is closed by its peer. Ends with `done`.
#include "address.h"
#include "arguments.h"
#include "guest.h"
#include "text.h"

static void poll_one(poll_own_pollable_t pollable) {
  poll_borrow_pollable_t borrowed = poll_borrow_pollable(pollable);
  poll_list_borrow_pollable_t list = {&borrowed, 1};
  guest_list_u32_t ready;
  poll_poll(&list, &ready);
}

bool exports_wasi_cli_run_run(void) {
  network_error_code_t code;
  tcp_own_tcp_socket_t own;
  network_ip_socket_address_t address = loopback(0);
  network_borrow_network_t network = network_borrow_network(instance_network_instance_network());
  if (!tcp_create_socket_create_tcp_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4, &own, &code)) return false;
  tcp_borrow_tcp_socket_t listener = tcp_borrow_tcp_socket(own);
  if (!tcp_method_tcp_socket_start_bind(listener, network, &address, &code)) return false;
  if (!tcp_method_tcp_socket_finish_bind(listener, &code)) return false;
  if (!tcp_method_tcp_socket_start_listen(listener, &code)) return false;
  if (!tcp_method_tcp_socket_finish_listen(listener, &code)) return false;
  if (!tcp_method_tcp_socket_local_address(listener, &address, &code)) return false;
  struct text text = {0};
  put_string(&text, "listening on ");
  put_address(&text, &address);
  print_line(&text);

  tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t client;
  poll_one(tcp_method_tcp_socket_subscribe(listener));
  if (!tcp_method_tcp_socket_accept(listener, &client, &code)) return false;
  poll_one(streams_method_input_stream_subscribe(streams_borrow_input_stream(client.f1)));
  print("ready");

  poll_one(monotonic_clock_subscribe_duration(argument_number(1, 2000) * 1000000));
  return print("done");
}
