// tokio over mio on wasip2, in one thread: runtime/io/driver.rs (turn: one select, until the next timer or for ever),
// io/registration.rs (poll_io: wait for readiness that is kept, try, clear it on would-block), net/tcp (both interests are
// always registered; a connect waits for writable, then take_error), and a timer wheel of whole milliseconds.
#include "mio-select.h"

#define V4 NETWORK_IP_ADDRESS_FAMILY_IPV4
#define CLIENTS 8
#define ROUNDS 20

// ScheduledIo: the readiness seen so far.
struct io {
  struct fd fd;
  struct mio_registration registration;
  int ready;
};

enum step { CONNECT, WRITE, READ, SLEEP, SHUT, READ_END, DONE };

struct task {
  struct io io;
  enum step step;
  size_t round, done;
  uint64_t wake_at; // ms since `start`
  char line[32];
};

static struct task clients[CLIENTS], servers[CLIENTS];
static uint64_t start;

static uint64_t elapsed(void) { return (monotonic_clock_now() - start) / 1000000; }

static void add_source(struct io *io) {
  io->ready = 0;
  mio_register(&io->registration, &io->fd, MIO_READABLE | MIO_WRITABLE);
}

static void turn(int64_t max_wait) {
  struct mio_event events[2 * MIO_MAX];
  size_t found = mio_select(events, max_wait);
  for (size_t i = 0; i < found; i++)
    for (size_t t = 0; t < 2 * CLIENTS; t++) {
      struct io *io = t < CLIENTS ? &clients[t].io : &servers[t - CLIENTS].io;
      if (&io->registration == events[i].registration) io->ready |= events[i].ready;
    }
}

// poll_io for reads: true when it is over, with `count` bytes.
static bool poll_read(struct io *io, void *bytes, size_t length, size_t *count) {
  while ((io->ready & MIO_READABLE) != 0) {
    uint8_t outcome = libc_recv(&io->fd, bytes, length, count);
    mio_rearm(&io->registration);
    if (outcome == NETWORK_ERROR_CODE_OK) return true;
    EXPECT(outcome, WOULD_BLOCK);
    io->ready &= ~MIO_READABLE;
  }
  return false;
}

static bool poll_write(struct io *io, const void *bytes, size_t length, size_t *count) {
  while ((io->ready & MIO_WRITABLE) != 0) {
    uint8_t outcome = libc_send(&io->fd, bytes, length, count);
    mio_rearm(&io->registration);
    if (outcome == NETWORK_ERROR_CODE_OK) return true;
    EXPECT(outcome, WOULD_BLOCK);
    io->ready &= ~MIO_WRITABLE;
  }
  return false;
}

// Goes on with a client until it must wait: a line out, the same line back, a sleep, and so on; then a half-close.
static bool run_client(struct task *task) {
  size_t count;
  char received[sizeof task->line];
  switch (task->step) {
    case CONNECT: // connect_mio
      if ((task->io.ready & MIO_WRITABLE) == 0) return false;
      EXPECT(libc_so_error(&task->io.fd), OK);
      task->step = WRITE;
      return true;
    case WRITE:
      memset(task->line, 'a' + (int)task->round, sizeof task->line);
      if (!poll_write(&task->io, task->line, sizeof task->line, &count)) return false;
      EXPECT_NUMBER(count, sizeof task->line);
      task->done = 0;
      task->step = READ;
      return true;
    case READ:
      if (!poll_read(&task->io, received, sizeof received - task->done, &count)) return false;
      CHECK(count > 0 && memcmp(received, task->line, count) == 0);
      task->done += count;
      if (task->done < sizeof task->line) return true;
      task->round++;
      task->wake_at = elapsed() + 2;
      task->step = task->round < ROUNDS ? SLEEP : SHUT;
      return true;
    case SLEEP:
      if (elapsed() < task->wake_at) return false;
      task->step = WRITE;
      return true;
    case SHUT:
      EXPECT(libc_shutdown(&task->io.fd, TCP_SHUTDOWN_TYPE_SEND), OK);
      task->step = READ_END;
      return true;
    case READ_END:
      if (!poll_read(&task->io, received, sizeof received, &count)) return false;
      EXPECT_NUMBER(count, 0);
      task->step = DONE;
      return false;
    case DONE:
      return false;
  }
  return false;
}

static bool run_server(struct task *task) {
  size_t count;
  if (task->step == READ) {
    if (!poll_read(&task->io, task->line, sizeof task->line, &count)) return false;
    task->round = count;
    task->done = 0;
    task->step = count == 0 ? SHUT : WRITE;
  } else if (task->step == WRITE) {
    if (!poll_write(&task->io, task->line + task->done, task->round - task->done, &count)) return false;
    task->done += count;
    if (task->done == task->round) task->step = READ;
  } else if (task->step == SHUT) {
    EXPECT(libc_shutdown(&task->io.fd, TCP_SHUTDOWN_TYPE_SEND), OK);
    task->step = DONE;
  }
  return task->step != DONE;
}

// The nearest timer in ns, rounded up to a ms; negative: none.
static int64_t next_timer(void) {
  int64_t nearest = -1;
  uint64_t now = elapsed();
  for (size_t i = 0; i < CLIENTS; i++) {
    if (clients[i].step != SLEEP) continue;
    int64_t wait = clients[i].wake_at > now ? (int64_t)(clients[i].wake_at - now) * 1000000 : 0;
    if (nearest < 0 || wait < nearest) nearest = wait;
  }
  return nearest;
}

bool exports_wasi_cli_run_run(void) {
  start = monotonic_clock_now();
  network_ip_socket_address_t address = loopback(0);
  struct fd listener;
  EXPECT(libc_socket(V4, false, true, &listener), OK);
  EXPECT(libc_bind(&listener, address), OK);
  EXPECT(libc_listen(&listener, 1024), OK);
  EXPECT(libc_getsockname(&listener, &address), OK);
  for (size_t i = 0; i < CLIENTS; i++) {
    EXPECT(libc_socket(V4, false, true, &clients[i].io.fd), OK);
    libc_connect(&clients[i].io.fd, address);
    add_source(&clients[i].io);
    clients[i].step = CONNECT;
    while (libc_accept(&listener, false, &servers[i].io.fd, NULL) == NETWORK_ERROR_CODE_WOULD_BLOCK) turn(1000000);
    add_source(&servers[i].io);
    servers[i].step = READ;
  }
  size_t running = CLIENTS;
  while (running > 0) {
    running = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
      while (run_client(&clients[i])) continue;
      while (run_server(&servers[i])) continue;
      running += clients[i].step != DONE;
    }
    if (running > 0) turn(next_timer());
  }
  CHECK(elapsed() >= 2 * (ROUNDS - 1));
  for (size_t i = 0; i < CLIENTS; i++) {
    struct io *ends[] = {&clients[i].io, &servers[i].io};
    for (int end = 0; end < 2; end++) {
      mio_deregister(&ends[end]->registration);
      libc_close(&ends[end]->fd);
    }
  }
  libc_close(&listener);
  return finish_checks();
}
