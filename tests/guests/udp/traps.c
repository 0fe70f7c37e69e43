// traps CASE: what a guest must not do with a UDP socket. No case returns: one that does prints `survived`.
#include "arguments.h"
#include "datagrams.h"
#include "text.h"

static udp_own_udp_socket_t socket;
static network_ip_socket_address_t address;
static struct datagram_streams streams, again;
static uint64_t sent;

static udp_outgoing_datagram_t list[17];

static void stream_twice(void) { udp_stream(socket, NULL, &again); }
static void stream_beside_incoming(void) {
  udp_outgoing_datagram_stream_drop_own(streams.outgoing);
  udp_stream(socket, NULL, &again);
}
static void stream_beside_outgoing(void) {
  udp_incoming_datagram_stream_drop_own(streams.incoming);
  udp_stream(socket, &address, &again);
}
static void send_unasked(void) { send_datagrams(&streams, list, 1, &sent); }
static void send_too_many(void) {
  check_send(&streams);
  send_datagrams(&streams, list, 17, &sent);
}
static void send_twice(void) {
  check_send(&streams);
  send_datagrams(&streams, list, 1, &sent);
  send_datagrams(&streams, list, 1, &sent);
}
static void socket_before_streams(void) { drop_udp_socket(socket); }
static void stream_before_pollable(void) {
  udp_method_incoming_datagram_stream_subscribe(udp_borrow_incoming_datagram_stream(streams.incoming));
  udp_incoming_datagram_stream_drop_own(streams.incoming);
}
static void socket_before_pollable(void) {
  drop_datagram_streams(&streams);
  udp_method_udp_socket_subscribe(udp_borrow_udp_socket(socket));
  drop_udp_socket(socket);
}

static const struct {
  const char *name;
  void (*run)(void);
} cases[] = {
  {"stream-twice", stream_twice},
  {"stream-beside-incoming", stream_beside_incoming},
  {"stream-beside-outgoing", stream_beside_outgoing},
  {"send-unasked", send_unasked},
  {"send-too-many", send_too_many},
  {"send-twice", send_twice},
  {"socket-before-streams", socket_before_streams},
  {"stream-before-pollable", stream_before_pollable},
  {"socket-before-pollable", socket_before_pollable},
};

bool exports_wasi_cli_run_run(void) {
  address = loopback(0);
  socket = new_bound_udp_socket(&address);
  EXPECT(udp_stream(socket, NULL, &streams), OK);
  for (int i = 0; i < 17; i++) list[i] = datagram(&address, "x", 1);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (argument_is(1, cases[i].name)) cases[i].run();
  return print("survived");
}
