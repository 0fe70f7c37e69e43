#pragma once
#include <string.h>

#include "arena.h"
#include "libc-sockets.h"

// mio's selector for wasip2 (src/sys/wasi/p2.rs): subscriptions by descriptor, one poll over the streams' pollables with the
// timeout last, and edge-triggering by hand: an interest that fired is gone until the next I/O (do_io) brings it back.

#define MIO_READABLE 1
#define MIO_WRITABLE 2
#define MIO_MAX 32

struct mio_registration {
  struct fd *fd;
  int interests, armed;
};

struct mio_event {
  struct mio_registration *registration;
  int ready;
};

static struct mio_registration *mio_subscriptions[MIO_MAX];
static size_t mio_count;

static inline void mio_register(struct mio_registration *registration, struct fd *fd, int interests) {
  *registration = (struct mio_registration){fd, interests, interests};
  if (mio_count == MIO_MAX) __builtin_trap();
  mio_subscriptions[mio_count++] = registration;
}

static inline void mio_deregister(struct mio_registration *registration) {
  for (size_t i = 0; i < mio_count; i++)
    if (mio_subscriptions[i] == registration) mio_subscriptions[i] = mio_subscriptions[--mio_count];
}

// IoSourceState::do_io, after the operation.
static inline void mio_rearm(struct mio_registration *registration) { registration->armed = registration->interests; }

static inline bool mio_finish_connect(struct fd *fd) {
  tcp_tuple2_own_input_stream_own_output_stream_t streams;
  network_error_code_t code;
  if (tcp_method_tcp_socket_finish_connect(tcp_borrow_tcp_socket(fd->socket), &streams, &code)) {
    libc_connected(fd, streams.f0, streams.f1);
    return true;
  }
  if (code == NETWORK_ERROR_CODE_WOULD_BLOCK) return false;
  fd->state = CONNECT_FAILED;
  fd->connect_error = code;
  return true;
}

// Selector::select. `timeout` in ns; negative: none.
static inline size_t mio_select(struct mio_event *events, int64_t timeout) {
  poll_borrow_pollable_t pollables[2 * MIO_MAX + 1];
  struct mio_event states[2 * MIO_MAX];
  size_t length = 0, found = 0;
  for (size_t i = 0; i < mio_count; i++) {
    struct mio_registration *registration = mio_subscriptions[i];
    struct fd *fd = registration->fd;
    if (fd->state == CONNECTING && registration->armed != 0) {
      states[length] = (struct mio_event){registration, registration->armed};
      pollables[length++] = libc_socket_pollable(fd);
    }
    if (fd->state == CONNECTED && (registration->armed & MIO_WRITABLE) != 0) {
      states[length] = (struct mio_event){registration, MIO_WRITABLE};
      pollables[length++] = libc_output_pollable(fd);
    }
    if (fd->state == CONNECTED && (registration->armed & MIO_READABLE) != 0) {
      states[length] = (struct mio_event){registration, MIO_READABLE};
      pollables[length++] = libc_input_pollable(fd);
    }
  }
  poll_list_borrow_pollable_t list = {pollables, length};
  poll_own_pollable_t timer = {0};
  if (timeout >= 0) {
    timer = monotonic_clock_subscribe_duration((uint64_t)timeout);
    pollables[list.len++] = poll_borrow_pollable(timer);
  }
  guest_list_u32_t ready;
  arena_reset();
  poll_poll(&list, &ready);
  for (size_t i = 0; i < ready.len; i++) {
    if (ready.ptr[i] >= length) continue;
    struct mio_event event = states[ready.ptr[i]];
    if (event.registration->fd->state == CONNECTING) {
      if (!mio_finish_connect(event.registration->fd)) continue;
    } else {
      event.registration->armed &= ~event.ready;
    }
    events[found++] = event;
  }
  if (timeout >= 0) poll_pollable_drop_own(timer);
  return found;
}
