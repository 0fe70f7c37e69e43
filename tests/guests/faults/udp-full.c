// udp-full ADDRESS: sends to a neighbour that does not answer who it is, until the kernel takes no more; says `full`, and goes on
// when it does.
#include "arguments.h"
#include "datagrams.h"
#include "text.h"

static network_ip_socket_address_t neighbour;

struct sender {
  udp_own_udp_socket_t socket;
  struct datagram_streams streams;
  poll_own_pollable_t writable;
};

static bool is_ready(struct sender *sender) { return poll_method_pollable_ready(poll_borrow_pollable(sender->writable)); }

static struct sender new_full_sender(void) {
  static const char bytes[1300];
  network_ip_socket_address_t any = loopback(0);
  any.val.ipv4.address = (network_ipv4_address_t){0, 0, 0, 0};
  struct sender sender = {.socket = new_bound_udp_socket(&any)};
  network_error_code_t code;
  CHECK(udp_method_udp_socket_set_send_buffer_size(udp_borrow_udp_socket(sender.socket), 5000, &code));
  EXPECT(udp_stream(sender.socket, NULL, &sender.streams), OK);
  sender.writable =
    udp_method_outgoing_datagram_stream_subscribe(udp_borrow_outgoing_datagram_stream(sender.streams.outgoing));
  CHECK(is_ready(&sender));
  uint64_t sent = 1;
  for (int i = 0; i < 1000 && check_send(&sender.streams) > 0; i++) {
    udp_outgoing_datagram_t one = datagram(&neighbour, bytes, sizeof bytes);
    EXPECT(send_datagrams(&sender.streams, &one, 1, &sent), OK);
    EXPECT_NUMBER(sent, 1); // the last one waits
  }
  EXPECT_NUMBER(check_send(&sender.streams), 0);
  CHECK(!is_ready(&sender));
  return sender;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t argv = arguments();
  if (argv.len < 2 || !parse_address((char *)argv.ptr[1].ptr, argv.ptr[1].len, &neighbour)) return false;
  struct sender first = new_full_sender(), second = new_full_sender();
  print("full");
  // Waits until the last datagram of the second is out: the kernel has sent what the first has queued before that.
  poll_pollable_drop_own(second.writable);
  drop_datagram_streams(&second.streams);
  CHECK(is_ready(&first));
  EXPECT_NUMBER(check_send(&first.streams), 16);
  EXPECT(send_datagram(&first.streams, &neighbour, "x", 1), OK);
  poll_pollable_drop_own(first.writable);
  drop_datagram_streams(&first.streams);
  drop_udp_socket(first.socket);
  drop_udp_socket(second.socket);
  return finish_checks();
}
