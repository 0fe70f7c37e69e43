// A connected socket whose streams were polled in vain, dropped, and made again for another peer.
#include "datagrams.h"

bool exports_wasi_cli_run_run(void) {
  network_ip_socket_address_t address = loopback(0), first = loopback(0), second = loopback(0), remote = {0};
  udp_own_udp_socket_t socket = new_bound_udp_socket(&address);
  new_bound_udp_socket(&first);
  new_bound_udp_socket(&second);
  struct datagram_streams streams;
  EXPECT(udp_stream(socket, &first, &streams), OK);
  CHECK(!readable_within(&streams, 1000000));
  drop_datagram_streams(&streams);
  EXPECT(udp_stream(socket, &second, &streams), OK);
  EXPECT(udp_remote_address(socket, &remote), OK);
  CHECK(same_address(&remote, &second));
  return finish_checks();
}
