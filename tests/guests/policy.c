// policy ADDRESS: what a host allows. Tries each thing that a policy can deny and prints `WHAT: ok` or `WHAT: ERROR-CODE`;
// what needs an earlier step that failed is left out. ADDRESS is of a listener, for the connect.
#include "address.h"
#include "arguments.h"
#include "error-code.h"
#include "guest.h"
#include "text.h"

static network_borrow_network_t network;
static network_error_code_t code;

static bool report(const char *what, bool ok) {
  struct text text = {0};
  put_string(&text, what);
  put_string(&text, ": ");
  put_string(&text, ok ? "ok" : error_code_name(code));
  print_line(&text);
  return ok;
}

static void try_tcp_bind(void) {
  tcp_own_tcp_socket_t own;
  if (!report("create-tcp-socket", tcp_create_socket_create_tcp_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4, &own, &code))) return;
  tcp_borrow_tcp_socket_t socket = tcp_borrow_tcp_socket(own);
  network_ip_socket_address_t any = loopback(0);
  if (!report("tcp start-bind", tcp_method_tcp_socket_start_bind(socket, network, &any, &code))) return;
  report("tcp finish-bind", tcp_method_tcp_socket_finish_bind(socket, &code));
  if (!report("tcp start-listen", tcp_method_tcp_socket_start_listen(socket, &code))) return;
  report("tcp finish-listen", tcp_method_tcp_socket_finish_listen(socket, &code));
}

static void try_tcp_connect(network_ip_socket_address_t *peer) {
  tcp_own_tcp_socket_t own;
  if (!tcp_create_socket_create_tcp_socket(family_of(peer), &own, &code)) return;
  tcp_borrow_tcp_socket_t socket = tcp_borrow_tcp_socket(own);
  if (!report("tcp start-connect", tcp_method_tcp_socket_start_connect(socket, network, peer, &code))) return;
  poll_own_pollable_t connected = tcp_method_tcp_socket_subscribe(socket);
  tcp_tuple2_own_input_stream_own_output_stream_t streams;
  bool ok;
  while (!(ok = tcp_method_tcp_socket_finish_connect(socket, &streams, &code)) && code == NETWORK_ERROR_CODE_WOULD_BLOCK)
    poll_method_pollable_block(poll_borrow_pollable(connected));
  report("tcp finish-connect", ok);
}

static void try_udp(void) {
  udp_own_udp_socket_t own;
  if (!report("create-udp-socket", udp_create_socket_create_udp_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4, &own, &code))) return;
  network_ip_socket_address_t any = loopback(0);
  if (!report("udp start-bind", udp_method_udp_socket_start_bind(udp_borrow_udp_socket(own), network, &any, &code))) return;
  report("udp finish-bind", udp_method_udp_socket_finish_bind(udp_borrow_udp_socket(own), &code));
}

static void try_lookup(void) {
  static uint8_t literal[] = "127.0.0.1";
  guest_string_t name = {literal, sizeof literal - 1};
  ip_name_lookup_own_resolve_address_stream_t stream;
  report("resolve-addresses", ip_name_lookup_resolve_addresses(network, &name, &stream, &code));
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t argv = arguments();
  network_ip_socket_address_t peer;
  if (argv.len < 2 || !parse_address((char *)argv.ptr[1].ptr, argv.ptr[1].len, &peer)) {
    print_error("usage: policy ADDRESS:PORT");
    return false;
  }
  network = network_borrow_network(instance_network_instance_network());
  try_tcp_bind();
  try_tcp_connect(&peer);
  try_udp();
  try_lookup();
  return true;
}
