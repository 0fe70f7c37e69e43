// tcpecho [ADDRESS [--no-ticks [--timeout]]]: a TCP echo server with a ticker, in one thread and one poll.
//
// Prints `listening on ADDRESS` (the bound one; default 127.0.0.1:9999, port 0 picks one), then `tick N` once a second, and
// echoes to every client until it ends its sending side. Nothing blocks but wasi:io/poll.poll.
//
// With --timeout a client that sends nothing for a minute is let go: each connection has a clock in the list, too, which is
// renewed whenever it is served, as servers do with their deadlines.
//
// Every connection has exactly one pollable in the poll list: its input stream's, or its output stream's while the peer does
// not take what was echoed. A connection never reads more than its output stream permits to be written, so nothing is ever
// pending here, and a slow reader is held back by TCP itself.
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "arena.h"
#include "error-code.h"
#include "guest.h"
#include "streams.h"
#include "text.h"

static const uint64_t second = 1000000000;
static const uint64_t max_read = 65536;

enum kind { LISTENER, TICKER, CONNECTION, TIMEOUT };

// What stands behind one pollable of the poll list.
struct waiter {
  enum kind kind;
  size_t slot; // index in `polled`
};

struct connection {
  struct waiter waiter;
  struct waiter timeout;
  poll_own_pollable_t due; // with --timeout
  tcp_own_tcp_socket_t socket;
  tcp_own_input_stream_t input;
  tcp_own_output_stream_t output;
  poll_own_pollable_t readable;
  poll_own_pollable_t writable; // 0: not needed so far
  bool ended;                   // the client's sending side has ended: flush, then close
  bool closed;                  // to be freed when the round is over, in which its other waiter may have been woken, too
  struct connection *next_closed;
};

static struct {
  poll_borrow_pollable_t *pollables;
  struct waiter **waiters;
  struct waiter **woken; // scratch: who was ready in this round
  size_t length, capacity;
} polled;

static struct waiter listener = {.kind = LISTENER};
static tcp_own_tcp_socket_t listening;
static poll_own_pollable_t acceptable;
static bool accepting;
static size_t connections;
static struct connection *closed;
static bool timeouts;
static const uint64_t patience = 60 * 1000000000ull;

static struct waiter ticker = {.kind = TICKER};
static poll_own_pollable_t tick_due;
static uint64_t next_tick, ticks;

static bool fail(const char *what, network_error_code_t code) {
  struct text text = {0};
  put_string(&text, what);
  put_string(&text, ": ");
  put_string(&text, error_code_name(code));
  print_error_line(&text);
  return false;
}

static void *grow(void *array, size_t size) {
  void *grown = realloc(array, size);
  if (grown == NULL) __builtin_trap();
  return grown;
}

static void add(struct waiter *waiter, poll_own_pollable_t pollable) {
  if (polled.length == polled.capacity) {
    polled.capacity = polled.capacity == 0 ? 64 : polled.capacity * 2;
    polled.pollables = grow(polled.pollables, polled.capacity * sizeof *polled.pollables);
    polled.waiters = grow(polled.waiters, polled.capacity * sizeof *polled.waiters);
    polled.woken = grow(polled.woken, polled.capacity * sizeof *polled.woken);
  }
  waiter->slot = polled.length++;
  polled.waiters[waiter->slot] = waiter;
  polled.pollables[waiter->slot] = poll_borrow_pollable(pollable);
}

// The last of the list takes the place that becomes free.
static void drop_from_list(struct waiter *waiter) {
  size_t last = --polled.length;
  polled.waiters[waiter->slot] = polled.waiters[last];
  polled.waiters[waiter->slot]->slot = waiter->slot;
  polled.pollables[waiter->slot] = polled.pollables[last];
}

static void wait_for(struct waiter *waiter, poll_own_pollable_t pollable) {
  polled.pollables[waiter->slot] = poll_borrow_pollable(pollable);
}

static bool listen_on(network_ip_socket_address_t *address) {
  network_error_code_t code;
  instance_network_own_network_t network = instance_network_instance_network();
  if (!tcp_create_socket_create_tcp_socket(family_of(address), &listening, &code)) return fail("create-tcp-socket", code);
  tcp_borrow_tcp_socket_t socket = tcp_borrow_tcp_socket(listening);
  if (!tcp_method_tcp_socket_start_bind(socket, network_borrow_network(network), address, &code)) return fail("start-bind", code);
  if (!tcp_method_tcp_socket_finish_bind(socket, &code)) return fail("finish-bind", code);
  // As many as the kernel allows: hundreds of clients may come at once.
  if (!tcp_method_tcp_socket_set_listen_backlog_size(socket, 4096, &code)) return fail("set-listen-backlog-size", code);
  if (!tcp_method_tcp_socket_start_listen(socket, &code)) return fail("start-listen", code);
  if (!tcp_method_tcp_socket_finish_listen(socket, &code)) return fail("finish-listen", code);
  if (!tcp_method_tcp_socket_local_address(socket, address, &code)) return fail("local-address", code);
  network_network_drop_own(network);
  return true;
}

static void resume_accepting(void) {
  if (!accepting) add(&listener, acceptable);
  accepting = true;
}

static void renew_timeout(struct connection *connection) {
  poll_pollable_drop_own(connection->due);
  connection->due = monotonic_clock_subscribe_duration(patience);
  wait_for(&connection->timeout, connection->due);
}

static void close_connection(struct connection *connection) {
  drop_from_list(&connection->waiter);
  if (timeouts) {
    drop_from_list(&connection->timeout);
    poll_pollable_drop_own(connection->due);
  }
  poll_pollable_drop_own(connection->readable);
  if (connection->writable.__handle != 0) poll_pollable_drop_own(connection->writable);
  streams_input_stream_drop_own(connection->input);
  streams_output_stream_drop_own(connection->output);
  tcp_tcp_socket_drop_own(connection->socket);
  connection->closed = true;
  connection->next_closed = closed;
  closed = connection;
  connections--;
  resume_accepting();
}

static void free_closed(void) {
  while (closed != NULL) {
    struct connection *connection = closed;
    closed = connection->next_closed;
    free(connection);
  }
}

// Its timeout may have been renewed in the same round.
static void expire(struct connection *connection) {
  if (!connection->closed && poll_method_pollable_ready(poll_borrow_pollable(connection->due)))
    close_connection(connection);
}

static void open_connection(tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t *accepted) {
  struct connection *connection = grow(NULL, sizeof *connection);
  *connection = (struct connection){
    .waiter = {.kind = CONNECTION},
    .timeout = {.kind = TIMEOUT},
    .socket = accepted->f0,
    .input = accepted->f1,
    .output = accepted->f2,
    .readable = streams_method_input_stream_subscribe(streams_borrow_input_stream(accepted->f1)),
  };
  connections++;
  add(&connection->waiter, connection->readable);
  if (timeouts) {
    connection->due = monotonic_clock_subscribe_duration(patience);
    add(&connection->timeout, connection->due);
  }
}

static void accept_all(void) {
  for (;;) {
    tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t accepted;
    network_error_code_t code;
    if (tcp_method_tcp_socket_accept(tcp_borrow_tcp_socket(listening), &accepted, &code)) {
      open_connection(&accepted);
      continue;
    }
    if (code == NETWORK_ERROR_CODE_WOULD_BLOCK) return;
    if (code == NETWORK_ERROR_CODE_CONNECTION_ABORTED || code == NETWORK_ERROR_CODE_CONNECTION_RESET) continue;
    // Out of sockets: the listener stays ready, so polling it would spin. It comes back when a connection closes.
    fail("accept", code);
    if (connections > 0) {
      drop_from_list(&listener);
      accepting = false;
    }
    return;
  }
}

static void wait_until_writable(struct connection *connection) {
  if (connection->writable.__handle == 0)
    connection->writable = streams_method_output_stream_subscribe(streams_borrow_output_stream(connection->output));
  wait_for(&connection->waiter, connection->writable);
}

// The client has ended its sending side: what was echoed must leave before the socket does.
static void end_connection(struct connection *connection) {
  streams_stream_error_t error;
  connection->ended = true;
  if (!streams_method_output_stream_flush(streams_borrow_output_stream(connection->output), &error)) {
    drop_stream_error(&error);
    close_connection(connection);
    return;
  }
  wait_until_writable(connection);
}

static void shut_down(struct connection *connection) {
  network_error_code_t code;
  if (!tcp_method_tcp_socket_shutdown(tcp_borrow_tcp_socket(connection->socket), TCP_SHUTDOWN_TYPE_SEND, &code))
    fail("shutdown", code);
  close_connection(connection);
}

static void serve(struct connection *connection) {
  streams_borrow_output_stream_t output = streams_borrow_output_stream(connection->output);
  streams_stream_error_t error;
  uint64_t permit;
  if (!streams_method_output_stream_check_write(output, &permit, &error)) {
    drop_stream_error(&error);
    close_connection(connection);
    return;
  }
  if (permit == 0) {
    wait_until_writable(connection);
    return;
  }
  if (connection->ended) {
    shut_down(connection);
    return;
  }
  guest_list_u8_t bytes;
  uint64_t length = permit < max_read ? permit : max_read;
  if (!streams_method_input_stream_read(streams_borrow_input_stream(connection->input), length, &bytes, &error)) {
    drop_stream_error(&error);
    if (error.tag == STREAMS_STREAM_ERROR_CLOSED)
      end_connection(connection);
    else
      close_connection(connection);
    return;
  }
  if (bytes.len > 0 && !streams_method_output_stream_write(output, &bytes, &error)) {
    drop_stream_error(&error);
    close_connection(connection);
    return;
  }
  wait_for(&connection->waiter, connection->readable);
  if (timeouts) renew_timeout(connection);
}

static bool print_tick(void) {
  struct text text = {0};
  put_string(&text, "tick ");
  put_number(&text, ++ticks);
  return print_line(&text);
}

static bool tick(void) {
  poll_pollable_drop_own(tick_due);
  next_tick += second;
  tick_due = monotonic_clock_subscribe_instant(next_tick);
  wait_for(&ticker, tick_due);
  return print_tick();
}

static void start_ticking(void) {
  next_tick = monotonic_clock_now() + second;
  tick_due = monotonic_clock_subscribe_instant(next_tick);
  add(&ticker, tick_due);
}

// Serves until stdout is gone.
static bool serve_all(void) {
  for (;;) {
    poll_list_borrow_pollable_t list = {polled.pollables, polled.length};
    guest_list_u32_t ready;
    arena_reset();
    poll_poll(&list, &ready);
    // Indices first become waiters: serving one may move another to a different index. The list has no promised order.
    size_t count = ready.len;
    for (size_t i = 0; i < count; i++) polled.woken[i] = polled.waiters[ready.ptr[i]];
    for (size_t i = 0; i < count; i++) {
      arena_reset();
      struct waiter *waiter = polled.woken[i];
      switch (waiter->kind) {
        case LISTENER:
          accept_all();
          break;
        case TICKER:
          if (!tick()) return false;
          break;
        case CONNECTION:
          if (!((struct connection *)waiter)->closed) serve((struct connection *)waiter);
          break;
        case TIMEOUT:
          expire((struct connection *)((char *)waiter - offsetof(struct connection, timeout)));
          break;
      }
    }
    free_closed();
  }
}

static bool is_given(const guest_list_string_t *arguments, size_t index, const char *option) {
  return arguments->len > index && arguments->ptr[index].len == strlen(option) &&
         memcmp(arguments->ptr[index].ptr, option, strlen(option)) == 0;
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t arguments;
  environment_get_arguments(&arguments);
  network_ip_socket_address_t address = loopback(9999);
  if (arguments.len > 1 && !parse_address((char *)arguments.ptr[1].ptr, arguments.ptr[1].len, &address)) {
    print_error("usage: tcpecho [ADDRESS:PORT [--no-ticks [--timeout]]]");
    return false;
  }
  bool quiet = is_given(&arguments, 2, "--no-ticks");
  timeouts = is_given(&arguments, 3, "--timeout");
  if (!listen_on(&address)) return false;

  struct text text = {0};
  put_string(&text, "listening on ");
  put_address(&text, &address);
  if (!print_line(&text)) return false;

  acceptable = tcp_method_tcp_socket_subscribe(tcp_borrow_tcp_socket(listening));
  resume_accepting();
  if (!quiet) start_ticking();
  return serve_all();
}
