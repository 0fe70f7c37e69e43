// The soak's client: CONNECTIONS at a time against a TCP echo server, for SECONDS, each with a life drawn by chance. Every byte
// that comes back is compared with what was sent, and every life that ends in peace must have got back all that it sent.
//
//   echo    sends some KiB, reading as it comes, shuts its sending side, reads to the end
//   slow    the same, but reads a little now and then: the server is held back
//   reset   in the middle of an echo it resets the connection
//   silent  shuts its sending side at once, having sent nothing
//
//   soak PORT CONNECTIONS SECONDS SEED        prints one line of JSON at the end
#include "loopback.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/epoll.h>

enum {
  EVENTS = 256,
  BYTES = 1 << 20,          // random bytes; each connection sends from its own offset, round and round
  CHUNK = 65536,            // at most so much in one call
  SLOW_CHUNK = 32768,       // what a slow reader takes
  SLOW_BUFFER = 65536,      // and what its kernel keeps for it
  SLOW_EVERY_US = 5000,     // how often it does
  STUCK_AFTER_US = 20000000, // a connection that got nowhere for so long
};

enum life { ECHO, SLOW, RESET, SILENT, LIVES };

struct connection {
  int fd;
  enum life life;
  uint32_t offset;
  long size;        // bytes to send
  long reset_after; // bytes received, for RESET
  long sent, got;
  int shut;
  double moved; // when a byte last went either way
  double read;
};

static char bytes[BYTES + CHUNK];
static uint64_t state;
static long lives[LIVES], sent_bytes, echoed_bytes, unread_bytes;

static uint64_t draw(void) { // xorshift64
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static uint64_t below(uint64_t limit) { return draw() % limit; }

static void die(const struct connection *c, const char *what) {
  static const char *names[] = {"echo", "slow", "reset", "silent"};
  fprintf(stderr, "error: %s connection: %s (%ld of %ld bytes sent, %ld came back): %s\n", names[c->life], what, c->sent, c->size,
          c->got, strerror(errno));
  exit(1);
}

static int is_slow(const struct connection *c) { return c->life == SLOW; }

static void begin(struct connection *c, int epoll, int port) {
  uint64_t dice = below(100);
  *c = (struct connection){.fd = connect_from(2 + below(50), port), .offset = below(BYTES), .moved = now_us()};
  c->life = dice < 55 ? ECHO : dice < 57 ? SLOW : dice < 95 ? RESET : SILENT;
  // Sizes are spread over the powers of two from 1 byte to 256 KiB; slow readers send more than all the buffers hold.
  c->size = c->life == SILENT ? 0 : c->life == SLOW ? (4 << 20) + (long)below(4 << 20) : 1 + (long)below(2ull << below(18));
  c->reset_after = c->life == RESET ? (long)below(c->size + 1) : -1;
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  if (is_slow(c))
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &(int){SLOW_BUFFER}, sizeof(int));
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
    fail("epoll_ctl");
}

static void send_some(struct connection *c) {
  while (c->sent < c->size) {
    long left = c->size - c->sent;
    ssize_t n = send(c->fd, bytes + (c->offset + c->sent) % BYTES, left < CHUNK ? left : CHUNK, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN)
      return;
    if (n < 0)
      die(c, "send");
    c->sent += n;
    c->moved = now_us();
  }
  if (!c->shut && c->life != RESET && shutdown(c->fd, SHUT_WR) < 0)
    die(c, "shutdown");
  c->shut = 1;
}

// Answers 1 at the end of the stream.
static int receive_some(struct connection *c) {
  static char received[CHUNK];
  for (;;) {
    if (c->life == RESET && c->got >= c->reset_after)
      return 1;
    ssize_t n = recv(c->fd, received, is_slow(c) ? SLOW_CHUNK : CHUNK, 0);
    if (n < 0 && errno == EAGAIN)
      return 0;
    if (n < 0)
      die(c, "recv");
    if (n == 0 && (!c->shut || c->got < c->size))
      die(c, "the server ended it");
    if (n == 0)
      return 1;
    if (c->got + n > c->sent || memcmp(received, bytes + (c->offset + c->got) % BYTES, n) != 0)
      die(c, "the echo differs from what was sent");
    c->got += n;
    c->read = c->moved = now_us();
    if (is_slow(c))
      return 0;
  }
}

// Lets a connection get on; answers 1 when its life is over.
static int advance(struct connection *c) {
  send_some(c);
  if (is_slow(c) && now_us() - c->read < SLOW_EVERY_US)
    return 0;
  return receive_some(c);
}

static void end(struct connection *c) {
  lives[c->life]++;
  sent_bytes += c->sent;
  echoed_bytes += c->got;
  unread_bytes += c->sent - c->got;
  if (c->life == RESET || c->got == 0)
    close_by_reset(c->fd);
  else
    close(c->fd);
}

static void soak(int port, int count, double seconds) {
  struct connection *connections = calloc(count, sizeof *connections);
  int epoll = epoll_create1(0), open = count;
  double stop = now_us() + seconds * 1e6, looked = 0;
  for (int i = 0; i < count; i++)
    begin(&connections[i], epoll, port);
  while (open > 0) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 1);
    double t = now_us();
    int look = t - looked >= SLOW_EVERY_US;
    for (int i = 0; i < (look ? count : ready); i++) {
      struct connection *c = look ? &connections[i] : events[i].data.ptr;
      if (c->fd < 0)
        continue;
      if (!advance(c)) {
        if (t - c->moved > STUCK_AFTER_US)
          die(c, "got nowhere for 20 s");
        continue;
      }
      end(c);
      if (t < stop)
        begin(c, epoll, port);
      else {
        c->fd = -1;
        open--;
      }
    }
    if (look)
      looked = t;
  }
  printf("{\"echo\":%ld,\"slow\":%ld,\"reset\":%ld,\"silent\":%ld,\"sent\":%ld,\"echoed\":%ld,\"unread\":%ld}\n", lives[ECHO],
         lives[SLOW], lives[RESET], lives[SILENT], sent_bytes, echoed_bytes, unread_bytes);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: soak PORT CONNECTIONS SECONDS SEED\n");
    return 2;
  }
  state = strtoull(argv[4], NULL, 10) * 2654435761u + 1;
  for (long i = 0; i < BYTES; i++)
    bytes[i] = (char)(draw() >> 32);
  memcpy(bytes + BYTES, bytes, CHUNK);
  soak(atoi(argv[1]), atoi(argv[2]), atof(argv[3]));
  return 0;
}
