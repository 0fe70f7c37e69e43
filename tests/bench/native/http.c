// The load generator of HTTP/1.1, on connections that are kept. A request is done when it was sent whole and its response has
// come whole, with status 200 and the body that was expected. All else is an error: it is counted, and the connection opened
// anew. Prints one line of JSON.
//
//   http get PORT CONNECTIONS PATH LENGTH SECONDS   GET; the response has a body of LENGTH bytes
//   http down PORT CONNECTIONS PATH LENGTH SECONDS  the same, and they are the pattern: bytes 0 to 255 again and again
//   http echo PORT CONNECTIONS PATH LENGTH SECONDS  POST of LENGTH bytes of the pattern, which come back
//   http up PORT CONNECTIONS PATH LENGTH SECONDS    POST of them; the response has any body
//   http idle PORT COUNT PATH                       opens COUNT connections, has one GET answered on each, prints its line,
//                                                   holds them silently until its stdin ends
#include "latency.h"

#include <fcntl.h>
#include <sys/epoll.h>

enum {
  EVENTS = 256,
  RECEIVE = 1 << 20,
  PERIOD = 256, // of the pattern
  LINE = 1024,  // of a head; what is longer is cut
  HEAD = 1024,  // of a request
  ANY = -1,
  IDLE_BATCH = 64,          // below a backlog of 128
  PORTS_PER_SOURCE = 16384, // connections from one loopback address; the next ones come from the next
};

// What every request is, and what its response has to be.
static struct {
  int port;
  const char *bytes;
  long size;
  long length; // of the response's body, or ANY
  int compare; // that body with the pattern
} asked;

static const char *pattern; // RECEIVE bytes and a period more

enum part { STATUS, FIELD, DATA, CHUNK_SIZE, CHUNK_END, TRAILER, COMPLETE };

struct connection {
  int fd;
  double started;
  long sent;
  enum part part; // of the response that comes next
  char line[LINE];
  int line_length;
  int status, chunked, closes;
  long left; // of the body, or of a chunk; ANY: not told
  long got;  // of the body
  const char *wrong;
};

static long errors;
static char first_error[128];

static void count_error(const struct connection *c) {
  if (errors++ == 0)
    snprintf(first_error, sizeof first_error, "%s (status %d, %ld bytes)", c->wrong, c->status, c->got);
}

static void begin_data(struct connection *c, enum part if_none) { c->part = c->left > 0 ? DATA : if_none; }

static void take_field(struct connection *c) {
  const char *line = c->line;
  if (!strncasecmp(line, "content-length:", 15))
    c->left = atol(line + 15);
  else if (!strncasecmp(line, "transfer-encoding:", 18))
    c->chunked = strcasestr(line, "chunked") != NULL;
  else if (!strncasecmp(line, "connection:", 11))
    c->closes = strcasestr(line, "close") != NULL;
}

// Takes a line without its end.
static void take_line(struct connection *c) {
  int empty = c->line[0] == '\0';
  switch (c->part) {
  case STATUS:
    c->status = strncmp(c->line, "HTTP/1.1 ", 9) ? 0 : atoi(c->line + 9);
    c->part = FIELD;
    break;
  case FIELD:
    if (!empty)
      take_field(c);
    else if (c->chunked)
      c->part = CHUNK_SIZE;
    else if (c->left == ANY)
      c->wrong = "a response without a length";
    else
      begin_data(c, COMPLETE);
    break;
  case CHUNK_SIZE:
    c->left = strtol(c->line, NULL, 16);
    begin_data(c, TRAILER);
    break;
  case CHUNK_END:
    c->part = CHUNK_SIZE;
    break;
  default: // TRAILER
    if (empty)
      c->part = COMPLETE;
  }
}

// Takes what was received.
static void take(struct connection *c, const char *at, const char *end) {
  while (at < end && c->wrong == NULL) {
    if (c->part == COMPLETE) {
      c->wrong = "more than a response";
    } else if (c->part == DATA) {
      long n = end - at < c->left ? end - at : c->left;
      if (asked.compare && memcmp(at, pattern + c->got % PERIOD, n) != 0)
        c->wrong = "a body with other bytes";
      c->got += n;
      c->left -= n;
      at += n;
      if (c->left == 0)
        c->part = c->chunked ? CHUNK_END : COMPLETE;
    } else {
      if (*at == '\n') {
        c->line[c->line_length] = '\0';
        c->line_length = 0;
        take_line(c);
      } else if (*at != '\r' && c->line_length < LINE - 1) {
        c->line[c->line_length++] = *at;
      }
      at++;
    }
  }
}

// Sends and receives as far as the socket goes. Answers 1 when the exchange is over, well or not.
static int advance(struct connection *c) {
  static char received[RECEIVE];
  while (c->sent < asked.size) {
    ssize_t n = send(c->fd, asked.bytes + c->sent, asked.size - c->sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN)
      break;
    if (n < 0) {
      c->wrong = "the connection ended while the request was sent";
      return 1;
    }
    c->sent += n;
  }
  while (c->wrong == NULL && (c->part != COMPLETE || c->sent < asked.size)) {
    ssize_t n = recv(c->fd, received, RECEIVE, 0);
    if (n < 0 && errno == EAGAIN)
      return 0;
    if (n <= 0)
      c->wrong = "the connection ended before the response did";
    else
      take(c, received, received + n);
  }
  if (c->wrong == NULL && c->status != 200)
    c->wrong = "another status";
  if (c->wrong == NULL && asked.length != ANY && c->got != asked.length)
    c->wrong = "a body of another length";
  return 1;
}

static void ask(struct connection *c) {
  *c = (struct connection){.fd = c->fd, .started = now_us(), .left = ANY};
}

static void open_connection(struct connection *c, int epoll) {
  c->fd = connect_from(1, asked.port);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
    fail("epoll_ctl");
}

static void run_load(int count, double seconds) {
  struct connection *connections = calloc(count, sizeof *connections);
  int epoll = epoll_create1(0);
  for (int i = 0; i < count; i++)
    open_connection(&connections[i], epoll);
  long done = 0;
  double start = now_us(), end = start + seconds * 1e6, t = start;
  for (int i = 0; i < count; i++)
    ask(&connections[i]);
  while (t < end) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      while (advance(c)) {
        int kept = c->wrong == NULL && !c->closes;
        if (c->wrong == NULL) {
          record_latency(now_us() - c->started);
          done++;
        } else {
          count_error(c);
        }
        if (!kept) {
          close_by_reset(c->fd);
          open_connection(c, epoll);
        }
        ask(c);
        // A new connection is reported by epoll; one that is kept is not, and has to be asked on now.
        if (!kept)
          break;
      }
    }
    t = now_us();
  }
  printf("{");
  print_throughput(done, t - start);
  printf(",\"errors\":%ld,\"firstError\":\"%s\"}\n", errors, first_error);
  for (int i = 0; i < count; i++)
    close_by_reset(connections[i].fd);
}

static void run_idle(int count) {
  struct connection *connections = calloc(count, sizeof *connections);
  double start = now_us();
  for (int first = 0; first < count; first += IDLE_BATCH) {
    int last = first + IDLE_BATCH < count ? first + IDLE_BATCH : count;
    for (int i = first; i < last; i++) {
      struct connection *c = &connections[i];
      c->fd = connect_from(2 + i / PORTS_PER_SOURCE, asked.port);
      ask(c);
      if (send(c->fd, asked.bytes, asked.size, MSG_NOSIGNAL) != asked.size)
        fail("send");
      c->sent = asked.size;
    }
    for (int i = first; i < last; i++) {
      advance(&connections[i]);
      if (connections[i].wrong == NULL && !connections[i].closes)
        continue;
      fprintf(stderr, "error: connection %d: %s\n", i, connections[i].wrong == NULL ? "it is not kept" : connections[i].wrong);
      exit(1);
    }
  }
  printf("{\"opened\":%d,\"us\":%.0f}\n", count, now_us() - start);
  fflush(stdout);
  char end;
  while (read(0, &end, 1) > 0)
    ;
  for (int i = 0; i < count; i++)
    close_by_reset(connections[i].fd);
}

static char *make_bytes(long size) {
  char *bytes = malloc(size);
  for (long i = 0; i < size; i++)
    bytes[i] = (char)(i % PERIOD);
  return bytes;
}

// A request with a body of that many bytes of the pattern; ANY: a GET.
static void make_request(const char *path, long body) {
  char head[HEAD];
  int size = body == ANY ? snprintf(head, HEAD, "GET %s HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", path)
                         : snprintf(head, HEAD, "POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %ld\r\n\r\n", path, body);
  if (size >= HEAD)
    fail("the path is too long");
  long length = body == ANY ? 0 : body;
  char *bytes = malloc(size + length);
  memcpy(bytes, head, size);
  memcpy(bytes + size, make_bytes(length), length);
  asked.bytes = bytes;
  asked.size = size + length;
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  int idle = argc == 5 && !strcmp(mode, "idle");
  int up = !strcmp(mode, "up"), echo = !strcmp(mode, "echo"), down = !strcmp(mode, "down"), get = !strcmp(mode, "get");
  if (!idle && !(argc == 7 && (up || echo || down || get))) {
    fprintf(stderr, "usage: http get|down|echo|up PORT CONNECTIONS PATH LENGTH SECONDS | http idle PORT COUNT PATH\n");
    return 2;
  }
  long length = idle ? ANY : atol(argv[5]);
  pattern = make_bytes(RECEIVE + PERIOD);
  asked.port = atoi(argv[2]);
  asked.length = up || idle ? ANY : length;
  asked.compare = echo || down;
  make_request(argv[4], up || echo ? length : ANY);
  if (idle)
    run_idle(atoi(argv[3]));
  else
    run_load(atoi(argv[3]), atof(argv[6]));
  return 0;
}
