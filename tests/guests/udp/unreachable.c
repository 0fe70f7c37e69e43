// A connected UDP socket whose peer is not there: what ICMP says of one datagram is an error of the streams, once.
#include "datagrams.h"

static const uint64_t patience = 5000000000; // ns; some hosts never hear of it

static void port_unreachable(network_ip_socket_address_t address) {
  network_ip_socket_address_t here = address, there = address;
  udp_own_udp_socket_t socket = new_bound_udp_socket(&here), other = new_bound_udp_socket(&there);
  struct datagram_streams streams, peer;
  udp_list_incoming_datagram_t datagrams;
  drop_udp_socket(other);
  EXPECT(udp_stream(socket, &there, &streams), OK);
  EXPECT(send_datagram(&streams, NULL, "anybody", 7), OK);
  CHECK(readable_within(&streams, patience));
  EXPECT(receive(&streams, 16, &datagrams), CONNECTION_REFUSED);
  EXPECT(receive(&streams, 16, &datagrams), OK);
  EXPECT_NUMBER(datagrams.len, 0);
  CHECK(!readable_within(&streams, 1000000));

  // The port comes to life: the same streams reach it.
  other = new_udp_socket(family_of(&address));
  EXPECT(udp_start_bind(other, there), OK);
  EXPECT(udp_finish_bind(other), OK);
  EXPECT(udp_stream(other, NULL, &peer), OK);
  EXPECT(send_datagram(&streams, NULL, "somebody", 8), OK);
  EXPECT(await_receive(&peer, 16, &datagrams), OK);
  CHECK(datagrams.len == 1 && datagram_is(&datagrams.ptr[0], "somebody"));
  drop_datagram_streams(&streams);
  drop_datagram_streams(&peer);
  drop_udp_socket(socket);
  drop_udp_socket(other);
}

bool exports_wasi_cli_run_run(void) {
  port_unreachable(loopback(0));
  port_unreachable(loopback6(0));
  return finish_checks();
}
