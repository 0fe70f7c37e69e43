// udpecho [ADDRESS]: a UDP echo server, in one thread and one poll.
//
// Prints `listening on ADDRESS` (the bound one; default 127.0.0.1:9999, port 0 picks one), then sends every datagram back to
// where it came from, as many at a time as have come. What cannot be sent is lost, as datagrams may be.
#include "address.h"
#include "arena.h"
#include "datagrams.h"
#include "guest.h"
#include "text.h"

// The arena holds so many of the longest.
enum { BATCH = 15 };

static udp_own_udp_socket_t socket;
static struct datagram_streams streams;
static poll_own_pollable_t readable, writable;

static bool fail(const char *what) {
  print_error(what);
  return false;
}

static void wait_for(poll_own_pollable_t pollable) { poll_method_pollable_block(poll_borrow_pollable(pollable)); }

// A datagram whose sending fails is left behind: its error is not the next one's.
static void send_all(udp_outgoing_datagram_t *datagrams, size_t count) {
  while (count > 0) {
    uint64_t permit = check_send(&streams), sent;
    if (permit == 0) {
      wait_for(writable);
      continue;
    }
    bool ok = send_datagrams(&streams, datagrams, count < permit ? count : permit, &sent) == NETWORK_ERROR_CODE_OK;
    size_t done = ok && sent > 0 ? sent : 1;
    datagrams += done;
    count -= done;
  }
}

static void serve(void) {
  udp_list_incoming_datagram_t received;
  udp_outgoing_datagram_t answers[BATCH];
  for (;;) {
    arena_reset();
    // An error is an earlier datagram's, reported by ICMP: it has been taken off the socket by this.
    if (receive(&streams, BATCH, &received) != NETWORK_ERROR_CODE_OK) continue;
    if (received.len == 0) {
      wait_for(readable);
      continue;
    }
    for (size_t i = 0; i < received.len; i++) {
      udp_incoming_datagram_t *from = &received.ptr[i];
      answers[i] = datagram(&from->remote_address, from->data.ptr, from->data.len);
    }
    send_all(answers, received.len);
  }
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t arguments;
  environment_get_arguments(&arguments);
  network_ip_socket_address_t address = loopback(9999);
  if (arguments.len > 1 && !parse_address((char *)arguments.ptr[1].ptr, arguments.ptr[1].len, &address))
    return fail("usage: udpecho [ADDRESS:PORT]");
  socket = new_udp_socket(family_of(&address));
  if (udp_start_bind(socket, address) != NETWORK_ERROR_CODE_OK || udp_finish_bind(socket) != NETWORK_ERROR_CODE_OK ||
      udp_stream(socket, NULL, &streams) != NETWORK_ERROR_CODE_OK ||
      udp_local_address(socket, &address) != NETWORK_ERROR_CODE_OK)
    return fail("cannot bind");
  struct text text = {0};
  put_string(&text, "listening on ");
  put_address(&text, &address);
  if (!print_line(&text)) return false;
  readable = udp_method_incoming_datagram_stream_subscribe(udp_borrow_incoming_datagram_stream(streams.incoming));
  writable = udp_method_outgoing_datagram_stream_subscribe(udp_borrow_outgoing_datagram_stream(streams.outgoing));
  serve();
  return true;
}
