/*
 * A TCP echo server over wasip1 on the listener that the host opened (descriptor 3), with the calls that Go's runtime makes:
 * poll_oneoff over everything that is parked, then read, write and read again until EAGAIN. What Go's echo takes longer than
 * this one is Go's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wasi/api.h>

enum { LISTENER = 3, MOST = 16384 };

static __wasi_subscription_t parked[MOST];
static __wasi_event_t events[MOST];
static size_t count;
static uint8_t buffer[32768];

static void park(__wasi_fd_t fd) {
  if (count == MOST) abort();
  parked[count++] = (__wasi_subscription_t){
      .userdata = fd,
      .u = {.tag = __WASI_EVENTTYPE_FD_READ, .u.fd_read.file_descriptor = fd},
  };
}

static void end(__wasi_fd_t fd) {
  size_t i = 0;
  while ((__wasi_fd_t)parked[i].userdata != fd) i++;
  parked[i] = parked[--count];
  if (__wasi_fd_close(fd) != 0) abort();
}

/* Answers whether the connection goes on. */
static int echo(__wasi_fd_t fd) {
  for (;;) {
    __wasi_iovec_t in = {buffer, sizeof buffer};
    __wasi_size_t length, sent;
    __wasi_errno_t error = __wasi_fd_read(fd, &in, 1, &length);
    if (error == __WASI_ERRNO_AGAIN) return 1;
    if (error != 0 || length == 0) return 0;
    __wasi_ciovec_t out = {buffer, length};
    if (__wasi_fd_write(fd, &out, 1, &sent) != 0 || sent != length) return 0;
  }
}

int main(void) {
  puts("listening on FD 3");
  fflush(stdout);
  park(LISTENER);
  for (;;) {
    __wasi_size_t ready;
    if (__wasi_poll_oneoff(parked, events, count, &ready) != 0) abort();
    for (size_t i = 0; i < ready; i++) {
      __wasi_fd_t fd = (__wasi_fd_t)events[i].userdata;
      if (fd != LISTENER) {
        if (!echo(fd)) end(fd);
        continue;
      }
      while (__wasi_sock_accept(LISTENER, __WASI_FDFLAGS_NONBLOCK, &fd) == 0) park(fd);
    }
  }
}
