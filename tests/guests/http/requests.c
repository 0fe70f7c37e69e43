// wasi:http's outgoing requests: requests CASE AUTHORITY [PORT [tls]]. The server behind AUTHORITY, and what listens on
// 127.0.0.1:PORT, are the test's. With `tls` all requests go by HTTPS.
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "arguments.h"
#include "check.h"
#include "http.h"
#include "sockets.h"
#include "streams.h"

static const uint64_t millisecond = 1000000;
static char authority[256];

static http_own_fields_t no_headers(void) { return http_constructor_fields(); }

static http_own_outgoing_request_t request_with(const char *method, const char *path, http_own_fields_t headers) {
  http_own_outgoing_request_t request = new_request(method, authority, path, headers);
  if (argument_is(4, "tls")) CHECK(http_method_outgoing_request_set_scheme(http_borrow_outgoing_request(request), NULL));
  return request;
}

static http_own_outgoing_request_t request_to(const char *method, const char *path) {
  return request_with(method, path, no_headers());
}

static uint8_t get_with(const char *path, const struct timeouts *timeouts, http_own_incoming_response_t *response) {
  return fetch(request_to("GET", path), timeouts, response);
}

static bool get(const char *path, http_own_incoming_response_t *response) {
  return EXPECT_NUMBER(get_with(path, NULL, response), HTTP_OK);
}

static uint16_t status_of(http_own_incoming_response_t response) {
  return http_method_incoming_response_status(http_borrow_incoming_response(response));
}

static bool header_is(http_own_incoming_response_t response, const char *name, const char *value) {
  http_own_fields_t headers = http_method_incoming_response_headers(http_borrow_incoming_response(response));
  bool same = field_is(headers, name, value);
  http_fields_drop_own(headers);
  return same;
}

static void write_all(struct upload *upload, const char *bytes, size_t length) {
  CHECK(write_flushed(streams_borrow_output_stream(upload->stream), bytes, length));
}

static void hello(void) {
  http_own_fields_t headers = no_headers();
  add_field(headers, "X-Asked", "one");
  add_field(headers, "x-asked", "two");
  add_field(headers, "x-bytes", "caf\xe9");
  http_own_incoming_response_t response;
  if (!EXPECT_NUMBER(fetch(request_with("GET", "/hello?a=b", headers), NULL, &response), HTTP_OK)) return;
  EXPECT_NUMBER(status_of(response), 203);
  CHECK(header_is(response, "X-Answer", "yes"));
  CHECK(header_is(response, "x-bytes", "caf\xe9"));
  CHECK(!header_is(response, "connection", "close"));
  http_own_fields_t seen = http_method_incoming_response_headers(http_borrow_incoming_response(response));
  http_field_name_t name = string_of("set-cookie");
  http_list_field_value_t cookies;
  arena_reset();
  http_method_fields_get(http_borrow_fields(seen), &name, &cookies);
  EXPECT_NUMBER(cookies.len, 2);
  http_header_error_t error;
  CHECK(!http_method_fields_delete(http_borrow_fields(seen), &name, &error) && error.tag == HTTP_HEADER_ERROR_IMMUTABLE);
  http_fields_drop_own(seen);
  CHECK(body_is(response, "hello"));
}

static void heads(void) {
  http_own_incoming_response_t response;
  if (EXPECT_NUMBER(fetch(request_to("HEAD", "/hello"), NULL, &response), HTTP_OK)) CHECK(body_is(response, ""));
  if (get("/status/204", &response)) {
    EXPECT_NUMBER(status_of(response), 204);
    CHECK(body_is(response, ""));
  }
  if (get("/status/302", &response)) { // not followed
    EXPECT_NUMBER(status_of(response), 302);
    CHECK(header_is(response, "location", "/hello"));
    CHECK(body_is(response, ""));
  }
  if (get("/early", &response)) { // behind a 103
    EXPECT_NUMBER(status_of(response), 200);
    CHECK(body_is(response, "late"));
  }
  if (get("/zipped", &response)) { // not unpacked
    CHECK(header_is(response, "content-encoding", "gzip"));
    CHECK(body_is(response, "not really"));
  }
  if (EXPECT_NUMBER(fetch(request_to("PURGE", "/method"), NULL, &response), HTTP_OK)) CHECK(body_is(response, "PURGE"));
}

// The request's body comes back piece by piece while it is still being sent.
static void echo(void) {
  http_own_outgoing_request_t request = request_to("POST", "/echo");
  struct upload upload = open_upload(request);
  http_own_future_incoming_response_t future;
  http_own_incoming_response_t response;
  write_all(&upload, "before ", 7);
  if (!EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_OK)) return;
  write_all(&upload, "after ", 6);
  if (!EXPECT_NUMBER(await_response(future, &response), HTTP_OK)) return;
  struct body body = open_body(response);
  char seen[64];
  size_t length = 0;
  for (int i = 0; i < 4; i++) {
    char turn[8] = {'t', 'u', 'r', 'n', (char)('0' + i), ' '};
    write_all(&upload, turn, 6);
    while (length < (size_t)(13 + 6 * (i + 1))) {
      guest_list_u8_t bytes;
      streams_stream_error_t error;
      arena_reset();
      if (!CHECK(streams_method_input_stream_blocking_read(streams_borrow_input_stream(body.stream), 32, &bytes, &error))) return;
      if (length + bytes.len > sizeof seen) break;
      memcpy(seen + length, bytes.ptr, bytes.len);
      length += bytes.len;
    }
  }
  CHECK(length == 37 && memcmp(seen, "before after turn0 turn1 turn2 turn3 ", 37) == 0);
  EXPECT_NUMBER(finish_upload(&upload, NULL), HTTP_OK);
  uint64_t rest, sum;
  EXPECT_NUMBER(read_all(&body, &rest, &sum), HTTP_OK);
  EXPECT_NUMBER(rest, 0);
  drop_body(&body);
}

static struct connection dial(void) {
  tcp_own_tcp_socket_t socket = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  struct connection connection;
  EXPECT(start_connect(socket, loopback((uint16_t)argument_number(3, 0))), OK);
  EXPECT(await_connect(socket, &connection), OK);
  return connection;
}

static size_t poll_three(poll_own_pollable_t a, poll_own_pollable_t b, poll_own_pollable_t c, bool ready[3]) {
  poll_borrow_pollable_t list[] = {poll_borrow_pollable(a), poll_borrow_pollable(b), poll_borrow_pollable(c)};
  poll_list_borrow_pollable_t all = {list, 3};
  guest_list_u32_t answer;
  arena_reset();
  poll_poll(&all, &answer);
  ready[0] = ready[1] = ready[2] = false;
  for (size_t i = 0; i < answer.len; i++) ready[answer.ptr[i]] = true;
  return answer.len;
}

static void send_byte(struct connection *connection) {
  CHECK(write_flushed(streams_borrow_output_stream(connection->output), "n", 1));
}

static size_t take(struct connection *connection) {
  guest_list_u8_t bytes;
  streams_stream_error_t error;
  arena_reset();
  CHECK(streams_method_input_stream_read(streams_borrow_input_stream(connection->input), 16, &bytes, &error));
  return bytes.len;
}

// One list for a future or a body, a TCP socket and a timer: each in its turn alone is ready. The server sends its head, and
// each piece, when it is told to through the socket, and says so there.
static void beside(void) {
  struct connection control = dial();
  poll_own_pollable_t line = streams_method_input_stream_subscribe(streams_borrow_input_stream(control.input));
  http_own_future_incoming_response_t future;
  if (!EXPECT_NUMBER(send_request(request_to("GET", "/told"), NULL, &future), HTTP_OK)) return;
  poll_own_pollable_t answer = http_method_future_incoming_response_subscribe(http_borrow_future_incoming_response(future));
  CHECK(!poll_method_pollable_ready(poll_borrow_pollable(answer)));
  bool ready[3];
  poll_own_pollable_t timer = monotonic_clock_subscribe_duration(5 * millisecond);
  EXPECT_NUMBER(poll_three(answer, line, timer, ready), 1);
  CHECK(ready[2]);
  poll_pollable_drop_own(timer);
  timer = monotonic_clock_subscribe_duration(UINT64_MAX);
  bool answered = false, told = false;
  send_byte(&control);
  while (!answered || !told) {
    poll_three(answer, line, timer, ready);
    CHECK(!ready[2]);
    if (ready[0]) answered = true;
    if (ready[1]) told = take(&control) > 0;
  }
  poll_pollable_drop_own(answer);
  http_own_incoming_response_t response;
  if (!EXPECT_NUMBER(await_response(future, &response), HTTP_OK)) return;
  struct body body = open_body(response);
  poll_own_pollable_t data = streams_method_input_stream_subscribe(streams_borrow_input_stream(body.stream));
  for (int i = 0; i < 5; i++) {
    EXPECT_NUMBER(read_piece(&body, 16).length, 0);
    CHECK(!poll_method_pollable_ready(poll_borrow_pollable(data)));
    poll_own_pollable_t soon = monotonic_clock_subscribe_duration(millisecond);
    EXPECT_NUMBER(poll_three(data, line, soon, ready), 1);
    CHECK(ready[2]);
    poll_pollable_drop_own(soon);
    send_byte(&control);
    bool came = false;
    for (told = false; !came || !told;) {
      poll_three(data, line, timer, ready);
      if (ready[1]) told = take(&control) > 0;
      if (!ready[0]) continue;
      struct piece piece = read_piece(&body, 16);
      EXPECT_NUMBER(piece.length, 6); // readiness is exact
      CHECK(piece.length == 6 && memcmp(piece.bytes, "piece", 5) == 0 && piece.bytes[5] == '0' + i);
      came = true;
    }
  }
  send_byte(&control);
  poll_method_pollable_block(poll_borrow_pollable(data));
  struct piece end = read_piece(&body, 16);
  CHECK(end.ended && end.error == HTTP_OK);
  poll_pollable_drop_own(data);
  poll_pollable_drop_own(timer);
  drop_body(&body);
  poll_pollable_drop_own(line);
  drop_connection(&control);
}

#define LARGE (16 * 1024 * 1024)

static void large_down(void) {
  http_own_incoming_response_t response;
  if (!get("/large", &response)) return;
  struct body body = open_body(response);
  uint64_t length, sum;
  EXPECT_NUMBER(read_all(&body, &length, &sum), HTTP_OK);
  EXPECT_NUMBER(length, LARGE);
  EXPECT_NUMBER(sum, (uint64_t)LARGE / 256 * (255 * 256 / 2));
  drop_body(&body);
}

// As much as is taken at once, in writes of what is permitted.
static uint64_t write_what_fits(struct upload *upload, uint64_t length, uint64_t written) {
  static uint8_t pattern[65536 + 256];
  for (size_t i = 0; i < sizeof pattern; i++) pattern[i] = (uint8_t)i;
  streams_borrow_output_stream_t stream = streams_borrow_output_stream(upload->stream);
  while (written < length) {
    uint64_t permit;
    streams_stream_error_t error;
    arena_reset();
    if (!CHECK(streams_method_output_stream_check_write(stream, &permit, &error))) return written;
    if (permit == 0) return written;
    uint64_t size = length - written < permit ? length - written : permit;
    if (size > 65536) size = 65536;
    guest_list_u8_t bytes = {pattern + written % 256, size};
    if (!CHECK(streams_method_output_stream_write(stream, &bytes, &error))) return written;
    written += size;
  }
  return written;
}

// The server does not read: what is taken has an end, and the stream is not ready. Told to read, it gets all.
static void large_up(void) {
  struct connection control = dial();
  http_own_outgoing_request_t request = request_to("POST", "/stalled");
  struct upload upload = open_upload(request);
  http_own_future_incoming_response_t future;
  if (!EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_OK)) return;
  poll_own_pollable_t room = streams_method_output_stream_subscribe(streams_borrow_output_stream(upload.stream));
  poll_own_pollable_t line = streams_method_input_stream_subscribe(streams_borrow_input_stream(control.input));
  uint64_t written = 0;
  bool ready[3];
  for (;;) { // full when nothing is taken for a while
    uint64_t before = written;
    written = write_what_fits(&upload, LARGE, written);
    poll_own_pollable_t timer = monotonic_clock_subscribe_duration(300 * millisecond);
    poll_three(room, line, timer, ready);
    poll_pollable_drop_own(timer);
    if (!ready[0] && written == before) break;
  }
  CHECK(written < LARGE);
  send_byte(&control);
  for (;;) {
    written = write_what_fits(&upload, LARGE, written);
    if (written >= LARGE) break;
    poll_method_pollable_block(poll_borrow_pollable(room));
  }
  poll_pollable_drop_own(room);
  EXPECT_NUMBER(finish_upload(&upload, NULL), HTTP_OK);
  http_own_incoming_response_t response;
  if (EXPECT_NUMBER(await_response(future, &response), HTTP_OK)) CHECK(body_is(response, "16777216 bytes, sum 2139095040"));
  poll_pollable_drop_own(line);
  drop_connection(&control);
}

// The server answers before it has read the body, and reads on: the answer is there, and all of the body arrives.
static void early_answer(void) {
  static const char *const promised[] = {NULL, "300014"};
  for (int i = 0; i < 2; i++) {
    http_own_fields_t headers = no_headers();
    if (promised[i] != NULL) add_field(headers, "content-length", promised[i]);
    http_own_outgoing_request_t request = request_with("POST", "/early-answer", headers);
    struct upload upload = open_upload(request);
    http_own_future_incoming_response_t future;
    http_own_incoming_response_t response;
    if (!EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_OK)) return;
    poll_own_pollable_t room = streams_method_output_stream_subscribe(streams_borrow_output_stream(upload.stream));
    for (uint64_t written = 0; written < 300014;) {
      poll_method_pollable_block(poll_borrow_pollable(room));
      written = write_what_fits(&upload, 300014, written);
    }
    poll_pollable_drop_own(room);
    EXPECT_NUMBER(finish_upload(&upload, NULL), HTTP_OK);
    if (!EXPECT_NUMBER(await_response(future, &response), HTTP_OK)) return;
    EXPECT_NUMBER(status_of(response), 202);
    CHECK(body_is(response, "ok"));
    if (get("/when-early-is-over", &response)) CHECK(body_is(response, "300014"));
  }
}

static void trailers(void) {
  http_own_fields_t headers = no_headers();
  add_field(headers, "trailer", "x-sum");
  http_own_outgoing_request_t request = request_with("POST", "/trailers", headers);
  struct upload upload = open_upload(request);
  http_own_future_incoming_response_t future;
  if (!EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_OK)) return;
  write_all(&upload, "x", 1);
  http_own_fields_t sent = no_headers();
  add_field(sent, "x-sum", "42");
  EXPECT_NUMBER(finish_upload(&upload, &sent), HTTP_OK);
  http_own_incoming_response_t response;
  if (!EXPECT_NUMBER(await_response(future, &response), HTTP_OK)) return;
  CHECK(header_is(response, "x-seen", "42"));
  struct body body = open_body(response);
  bool has = false;
  http_own_fields_t got;
  EXPECT_NUMBER(close_body(&body, &has, &got), HTTP_OK); // the body is passed over
  if (!CHECK(has)) return;
  CHECK(field_is(got, "x-end", "here"));
  http_fields_drop_own(got);
}

static void sizes(void) {
  struct {
    const char *promised, *sent;
    uint8_t finish, answer;
  } cases[] = {
      {"3", "abc", HTTP_OK, HTTP_OK},
      {"4", "abc", HTTP_ERROR_CODE_HTTP_REQUEST_BODY_SIZE, HTTP_ERROR_CODE_HTTP_PROTOCOL_ERROR},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    http_own_fields_t headers = no_headers();
    add_field(headers, "content-length", cases[i].promised);
    http_own_outgoing_request_t request = request_with("POST", "/echo", headers);
    struct upload upload = open_upload(request);
    http_own_future_incoming_response_t future;
    if (!EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_OK)) return;
    write_all(&upload, cases[i].sent, strlen(cases[i].sent));
    EXPECT_NUMBER(finish_upload(&upload, NULL), cases[i].finish);
    http_own_incoming_response_t response;
    uint8_t answer = await_response(future, &response);
    if (answer == HTTP_OK && cases[i].answer != HTTP_OK) { // the head may have come before the end
      struct body body = open_body(response);
      uint64_t length, sum;
      EXPECT_NUMBER(read_all(&body, &length, &sum), cases[i].answer);
      drop_body(&body);
      continue;
    }
    EXPECT_NUMBER(answer, cases[i].answer);
    if (answer == HTTP_OK) CHECK(body_is(response, cases[i].sent));
  }

  http_own_fields_t headers = no_headers();
  add_field(headers, "content-length", "2");
  http_own_outgoing_request_t request = request_with("POST", "/echo", headers);
  struct upload upload = open_upload(request);
  streams_borrow_output_stream_t stream = streams_borrow_output_stream(upload.stream);
  guest_list_u8_t bytes = {(uint8_t *)"abc", 3};
  uint64_t permit;
  streams_stream_error_t error;
  http_error_code_t code;
  CHECK(streams_method_output_stream_check_write(stream, &permit, &error));
  CHECK(!streams_method_output_stream_write(stream, &bytes, &error));
  if (CHECK(error.tag == STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED)) {
    CHECK(http_http_error_code(error_borrow_error(error.val.last_operation_failed), &code));
    EXPECT_NUMBER(code.tag, HTTP_ERROR_CODE_HTTP_REQUEST_BODY_SIZE);
    error_error_drop_own(error.val.last_operation_failed);
  }
  streams_output_stream_drop_own(upload.stream);
  http_outgoing_body_drop_own(upload.body);
  http_outgoing_request_drop_own(request);

}

// A body that is dropped before it is finished fails its request.
static void aborted(void) {
  http_own_outgoing_request_t request = request_to("POST", "/swallow");
  struct upload upload = open_upload(request);
  http_own_future_incoming_response_t future;
  http_own_incoming_response_t response;
  if (!EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_OK)) return;
  write_all(&upload, "abc", 3);
  streams_output_stream_drop_own(upload.stream);
  http_outgoing_body_drop_own(upload.body);
  EXPECT_NUMBER(await_response(future, &response), HTTP_ERROR_CODE_HTTP_PROTOCOL_ERROR);
}

// A future that is dropped closes its connection, which the server tells in answer to the second request.
static void cancelled(void) {
  http_own_future_incoming_response_t future;
  http_own_incoming_response_t response;
  if (!EXPECT_NUMBER(send_request(request_to("GET", "/silent"), NULL, &future), HTTP_OK)) return;
  if (get("/when-silent-is-asked", &response)) CHECK(body_is(response, "asked"));
  http_future_incoming_response_drop_own(future);
  if (get("/when-silent-is-closed", &response)) CHECK(body_is(response, "closed"));
}

#define MANY 24

static void many(void) {
  http_own_future_incoming_response_t futures[MANY];
  poll_own_pollable_t pollables[MANY];
  bool done[MANY] = {false};
  for (int i = 0; i < MANY; i++) {
    if (!EXPECT_NUMBER(send_request(request_to("GET", "/hello"), NULL, &futures[i]), HTTP_OK)) return;
    pollables[i] = http_method_future_incoming_response_subscribe(http_borrow_future_incoming_response(futures[i]));
  }
  for (int left = MANY; left > 0;) {
    poll_borrow_pollable_t list[MANY];
    int index[MANY];
    size_t length = 0;
    for (int i = 0; i < MANY; i++) {
      if (done[i]) continue;
      index[length] = i;
      list[length++] = poll_borrow_pollable(pollables[i]);
    }
    poll_list_borrow_pollable_t all = {list, length};
    guest_list_u32_t answer;
    arena_reset();
    poll_poll(&all, &answer);
    uint32_t ready[MANY];
    size_t count = answer.len;
    memcpy(ready, answer.ptr, count * sizeof *ready);
    for (size_t k = 0; k < count; k++) {
      int i = index[ready[k]];
      http_own_incoming_response_t response;
      poll_pollable_drop_own(pollables[i]);
      if (EXPECT_NUMBER(await_response(futures[i], &response), HTTP_OK)) CHECK(body_is(response, "hello"));
      done[i] = true;
      left--;
    }
  }
}

// A listener that never accepts, its queue full: a connection to it stays under way.
static void connect_timeout(void) {
  tcp_own_tcp_socket_t listener = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
  EXPECT(start_bind(listener, loopback(0)), OK);
  EXPECT(finish_bind(listener), OK);
  EXPECT(set_backlog(listener, 1), OK);
  EXPECT(start_listen(listener), OK);
  EXPECT(finish_listen(listener), OK);
  network_ip_socket_address_t address;
  EXPECT(local_address(listener, &address), OK);
  tcp_own_tcp_socket_t clients[8];
  for (int i = 0; i < 8; i++) {
    clients[i] = new_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4);
    EXPECT(start_connect(clients[i], address), OK);
  }
  struct text place = {0};
  put_address(&place, &address);
  place.bytes[place.length] = '\0';
  strcpy(authority, place.bytes);
  struct timeouts timeouts = {.connect = 50 * millisecond};
  http_own_incoming_response_t response;
  EXPECT_NUMBER(get_with("/", &timeouts, &response), HTTP_ERROR_CODE_CONNECTION_TIMEOUT);
  for (int i = 0; i < 8; i++) drop_socket(clients[i]);
  drop_socket(listener);
}

static void timeouts(void) {
  http_own_incoming_response_t response;
  struct timeouts first = {.first_byte = 50 * millisecond};
  EXPECT_NUMBER(get_with("/silent", &first, &response), HTTP_ERROR_CODE_CONNECTION_READ_TIMEOUT);
  struct timeouts between = {.between_bytes = 1000 * millisecond}; // "half" itself may take its time on a busy machine
  if (EXPECT_NUMBER(get_with("/half", &between, &response), HTTP_OK)) {
    struct body body = open_body(response);
    uint64_t length, sum;
    EXPECT_NUMBER(read_all(&body, &length, &sum), HTTP_ERROR_CODE_CONNECTION_READ_TIMEOUT);
    EXPECT_NUMBER(length, 4);
    CHECK(read_piece(&body, 1).ended); // closed from then on
    drop_body(&body);
  }
  struct timeouts ample = {.connect = UINT64_MAX, .first_byte = UINT64_MAX, .between_bytes = UINT64_MAX};
  if (EXPECT_NUMBER(get_with("/hello", &ample, &response), HTTP_OK)) CHECK(body_is(response, "hello"));
}

static void sleep_for(uint64_t ns) {
  poll_own_pollable_t timer = monotonic_clock_subscribe_duration(ns);
  poll_method_pollable_block(poll_borrow_pollable(timer));
  poll_pollable_drop_own(timer);
}

// Chunks, their sizes, extensions and trailers come byte by byte: a read waits for what is body.
static void dribble(void) {
  http_own_incoming_response_t response;
  if (!get("/dribble", &response)) return;
  struct body body = open_body(response);
  uint64_t length, sum;
  EXPECT_NUMBER(read_all(&body, &length, &sum), HTTP_OK);
  EXPECT_NUMBER(length, 10);
  drop_body(&body);
}

// Reads a response long after each of its parts was due. Answers false if it did not come in time itself.
static bool read_late(int polls, uint64_t patience) {
  struct timeouts timeouts = {.first_byte = patience, .between_bytes = patience};
  http_own_incoming_response_t response;
  http_own_future_incoming_response_t future;
  if (!EXPECT_NUMBER(send_request(request_to("GET", "/hello"), &timeouts, &future), HTTP_OK)) return true;
  sleep_for(3 * patience);
  uint8_t code = await_response(future, &response);
  if (code == HTTP_ERROR_CODE_CONNECTION_READ_TIMEOUT) return false;
  if (!EXPECT_NUMBER(code, HTTP_OK)) return true;
  struct body body = open_body(response);
  sleep_for(2 * patience);
  if (polls == 1) {
    poll_own_pollable_t readable = streams_method_input_stream_subscribe(streams_borrow_input_stream(body.stream));
    poll_method_pollable_block(poll_borrow_pollable(readable));
    poll_pollable_drop_own(readable);
  }
  uint64_t length, sum;
  if (polls < 2) {
    EXPECT_NUMBER(read_all(&body, &length, &sum), HTTP_OK);
    EXPECT_NUMBER(length, 5);
  }
  bool has;
  http_own_fields_t trailers;
  EXPECT_NUMBER(close_body(&body, &has, &trailers), HTTP_OK);
  return true;
}

// What came while the guest was busy is there, whatever time has passed since; polled for or not. A busy machine may take longer
// to answer at all: then it is given more time.
static void late_reader(void) {
  for (int polls = 0; polls < 3; polls++) {
    uint64_t patience = 300 * millisecond;
    while (!read_late(polls, patience) && CHECK(patience < 60000 * millisecond)) patience *= 4;
  }
}

static void failures(void) {
  http_own_incoming_response_t response;
  EXPECT_NUMBER(get_with("/garbage", NULL, &response), HTTP_ERROR_CODE_HTTP_PROTOCOL_ERROR);
  EXPECT_NUMBER(get_with("/hang-up", NULL, &response), HTTP_ERROR_CODE_HTTP_PROTOCOL_ERROR);
  if (get("/short", &response)) {
    struct body body = open_body(response);
    uint64_t length, sum;
    EXPECT_NUMBER(read_all(&body, &length, &sum), HTTP_ERROR_CODE_HTTP_PROTOCOL_ERROR);
    EXPECT_NUMBER(length, 3);
    drop_body(&body);
  }
}

static void refused(void) {
  http_own_incoming_response_t response;
  EXPECT_NUMBER(get_with("/", NULL, &response), HTTP_ERROR_CODE_CONNECTION_REFUSED);
  strcpy(authority, "no-such-host.invalid");
  EXPECT_NUMBER(get_with("/", NULL, &response), HTTP_ERROR_CODE_DNS_ERROR);
}

static void invalid(void) {
  http_own_future_incoming_response_t future;
  http_own_outgoing_request_t request = http_constructor_outgoing_request(no_headers());
  EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_ERROR_CODE_HTTP_REQUEST_URI_INVALID);
  request = request_to("GET", "/hello");
  CHECK(http_method_outgoing_request_set_path_with_query(http_borrow_outgoing_request(request), NULL));
  EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_ERROR_CODE_HTTP_PROTOCOL_ERROR);
  request = request_to("GET", "/hello");
  http_scheme_t scheme = {.tag = HTTP_SCHEME_OTHER, .val.other = string_of("gopher")};
  CHECK(http_method_outgoing_request_set_scheme(http_borrow_outgoing_request(request), &scheme));
  EXPECT_NUMBER(send_request(request, NULL, &future), HTTP_ERROR_CODE_HTTP_PROTOCOL_ERROR);
}

// TLS: the default scheme. The test says what comes of it.
static void secure(uint8_t expected) {
  http_own_outgoing_request_t request = request_to("GET", "/hello");
  CHECK(http_method_outgoing_request_set_scheme(http_borrow_outgoing_request(request), NULL));
  http_own_incoming_response_t response;
  if (EXPECT_NUMBER(fetch(request, NULL, &response), expected) && expected == HTTP_OK) CHECK(body_is(response, "hello"));
}

static void trusted(void) { secure(HTTP_OK); }

static void untrusted(void) { secure(HTTP_ERROR_CODE_TLS_PROTOCOL_ERROR); }

// Where the guest has left no descriptor that it may have: what the host needs for a connection was not its to take.
static void crowded(void) {
  static tcp_own_tcp_socket_t sockets[100000];
  size_t count = 0;
  network_error_code_t code;
  while (count < 100000 && tcp_create_socket_create_tcp_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4, &sockets[count], &code)) count++;
  CHECK(count > 0 && count < 100000);
  EXPECT_NUMBER(code, NETWORK_ERROR_CODE_NEW_SOCKET_LIMIT);
  untrusted();
  while (count > 0) tcp_tcp_socket_drop_own(sockets[--count]);
}

static void allowed(void) {
  http_own_incoming_response_t response;
  if (get("/hello", &response)) CHECK(body_is(response, "hello"));
}

// Refused for the address behind the name.
static void denied_address(void) {
  http_own_incoming_response_t response;
  EXPECT_NUMBER(get_with("/hello", NULL, &response), HTTP_ERROR_CODE_HTTP_REQUEST_DENIED);
}

static void denied(void) {
  http_own_future_incoming_response_t future;
  EXPECT_NUMBER(send_request(request_to("GET", "/hello"), NULL, &future), HTTP_ERROR_CODE_HTTP_REQUEST_DENIED);
}

// Ends with a request under way and a body half read: nothing waits for them.
static void left_behind(void) {
  http_own_future_incoming_response_t future;
  http_own_incoming_response_t response;
  EXPECT_NUMBER(send_request(request_to("GET", "/silent"), NULL, &future), HTTP_OK);
  if (get("/half", &response)) open_body(response);
}

// Rules of resources: each ends the guest.
static void header_view_outlived(void) {
  http_own_outgoing_request_t request = request_to("GET", "/");
  http_method_outgoing_request_headers(http_borrow_outgoing_request(request));
  http_outgoing_request_drop_own(request);
}

static void stream_outlived(void) {
  struct upload upload = open_upload(request_to("POST", "/"));
  http_error_code_t error;
  http_static_outgoing_body_finish(upload.body, NULL, &error);
}

static void write_beyond_permit(void) {
  struct upload upload = open_upload(request_to("POST", "/"));
  guest_list_u8_t bytes = {(uint8_t *)"a", 1};
  streams_stream_error_t error;
  streams_method_output_stream_write(streams_borrow_output_stream(upload.stream), &bytes, &error);
}

static const struct {
  const char *name;
  void (*run)(void);
} cases[] = {
    {"hello", hello}, {"heads", heads}, {"echo", echo}, {"beside", beside}, {"large-down", large_down},
    {"large-up", large_up}, {"early-answer", early_answer}, {"trailers", trailers}, {"sizes", sizes}, {"aborted", aborted}, {"cancelled", cancelled},
    {"many", many}, {"connect-timeout", connect_timeout}, {"timeouts", timeouts}, {"dribble", dribble}, {"late-reader", late_reader}, {"failures", failures},
    {"refused", refused}, {"invalid", invalid}, {"trusted", trusted}, {"untrusted", untrusted}, {"crowded", crowded}, {"allowed", allowed},
    {"denied", denied}, {"denied-address", denied_address}, {"left-behind", left_behind}, {"header-view-outlived", header_view_outlived},
    {"stream-outlived", stream_outlived}, {"write-beyond-permit", write_beyond_permit},
};

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t argv = arguments();
  if (argv.len < 3 || argv.ptr[2].len >= sizeof authority) return false;
  memcpy(authority, argv.ptr[2].ptr, argv.ptr[2].len);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (!argument_is(1, cases[i].name)) continue;
    cases[i].run();
    return finish_checks();
  }
  return false;
}
