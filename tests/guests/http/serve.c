// Answers by the first segment of the request's path; the table below says what each does. Imports only what every host of
// wasi:http/proxy has.
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "http.h"
#include "response.h"
#include "streams.h"
#include "text.h"

#define PIECE 65536

static const uint64_t millisecond = 1000000;

struct call {
  http_own_incoming_request_t request;
  http_own_response_outparam_t outparam;
  /// What the path's segments behind the first say: /chunks/3/100 has 3 and 100.
  uint64_t numbers[2];
};

static uint8_t piece_of_pattern[PIECE];

static void wait(uint64_t duration) {
  poll_own_pollable_t timer = monotonic_clock_subscribe_duration(duration);
  poll_method_pollable_block(poll_borrow_pollable(timer));
  poll_pollable_drop_own(timer);
}

static http_own_fields_t request_headers(struct call *call) {
  return http_method_incoming_request_headers(http_borrow_incoming_request(call->request));
}

static struct response begin(struct call *call) { return begin_response(call->outparam, 200, http_constructor_fields()); }

static bool write_text(struct response *response, const char *text) { return write_all(response->stream, text, strlen(text)); }

/// Leaves the body unfinished: the answer is cut off.
static void cut_off(struct response *response) {
  streams_output_stream_drop_own(response->stream);
  http_outgoing_body_drop_own(response->body);
}

/// Bytes 0 to 255 again and again. False once the client is gone.
static bool write_pattern(struct response *response, uint64_t length) {
  for (size_t i = 0; i < PIECE; i++) piece_of_pattern[i] = (uint8_t)i;
  for (; length > 0; length -= length < PIECE ? length : PIECE)
    if (!write_all(response->stream, piece_of_pattern, length < PIECE ? length : PIECE)) return false;
  return true;
}

/// `WHAT: NAME OF OUTCOME` on stderr: what the client cannot be told any more.
static void report(const char *what, uint8_t error) {
  struct text text = {0};
  put_string(&text, what);
  put_string(&text, ": ");
  if (error == HTTP_OK) put_string(&text, "ok");
  else put_number(&text, error);
  print_error_line(&text);
}

/// Copies the values of `from` that are named `name` as fields named `as`.
static void copy_field(http_own_fields_t from, http_own_fields_t to, const char *name, const char *as) {
  http_field_name_t field = string_of(name), target = string_of(as);
  http_list_field_value_t values;
  arena_reset();
  http_method_fields_get(http_borrow_fields(from), &field, &values);
  for (size_t i = 0; i < values.len; i++) {
    http_header_error_t error;
    if (!http_method_fields_append(http_borrow_fields(to), &target, &values.ptr[i], &error)) __builtin_trap();
  }
}

static void hello(struct call *call) { respond_text(call->outparam, 200, "Hello, World!\n"); }

// The body comes back while it is still being sent, with its content-type and its trailers; `x-announce` is their `trailer`.
static void echo(struct call *call) {
  http_own_fields_t seen = request_headers(call), headers = http_constructor_fields();
  copy_field(seen, headers, "content-type", "content-type");
  copy_field(seen, headers, "x-announce", "trailer");
  http_fields_drop_own(seen);
  struct body body = open_request_body(call->request);
  struct response response = begin_response(call->outparam, 200, headers);
  uint8_t error;
  if (!copy_body(&body, response.stream, &error)) {
    print_error("echo: client gone");
    drop_body(&body);
    cut_off(&response);
    return;
  }
  bool has_trailers = false;
  http_own_fields_t trailers;
  if (error == HTTP_OK) error = close_body(&body, &has_trailers, &trailers);
  else drop_body(&body);
  if (error != HTTP_OK) {
    report("echo", error);
    cut_off(&response);
    return;
  }
  end_response(&response, has_trailers ? &trailers : NULL);
}

// A text under construction, of any length that a head may have.
static struct {
  size_t length;
  uint8_t bytes[1 << 20];
} page;

static void put_byte(uint8_t byte) {
  if (page.length < sizeof page.bytes) page.bytes[page.length++] = byte;
}

static void put(const char *text) {
  while (*text != '\0') put_byte((uint8_t)*text++);
}

static void put_escaped(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\') {
      put_byte(bytes[i]);
      continue;
    }
    put("\\x");
    put_byte("0123456789abcdef"[bytes[i] >> 4]);
    put_byte("0123456789abcdef"[bytes[i] & 15]);
  }
}

static void put_line(const char *name, const uint8_t *bytes, size_t length) {
  put(name);
  put(": ");
  put_escaped(bytes, length);
  put("\n");
}

// What of the request reaches the guest, a line each; bytes that are not printable ASCII as \xNN.
static void headers(struct call *call) {
  static const char *const methods[] = {"get", "head", "post", "put", "delete", "connect", "options", "trace", "patch", "other "};
  http_borrow_incoming_request_t self = http_borrow_incoming_request(call->request);
  page.length = 0;
  arena_reset();
  http_method_t method;
  http_method_incoming_request_method(self, &method);
  put("method: ");
  put(methods[method.tag]);
  if (method.tag == HTTP_METHOD_OTHER) put_escaped(method.val.other.ptr, method.val.other.len);
  put("\n");
  guest_string_t text;
  if (http_method_incoming_request_path_with_query(self, &text)) put_line("path", text.ptr, text.len);
  else put("no path\n");
  http_scheme_t scheme;
  if (!http_method_incoming_request_scheme(self, &scheme)) put("no scheme\n");
  else if (scheme.tag == HTTP_SCHEME_OTHER) put_line("scheme other", scheme.val.other.ptr, scheme.val.other.len);
  else put(scheme.tag == HTTP_SCHEME_HTTP ? "scheme: http\n" : "scheme: https\n");
  if (http_method_incoming_request_authority(self, &text)) put_line("authority", text.ptr, text.len);
  else put("no authority\n");
  http_own_fields_t fields = http_method_incoming_request_headers(self);
  http_list_tuple2_field_name_field_value_t entries;
  http_method_fields_entries(http_borrow_fields(fields), &entries);
  for (size_t i = 0; i < entries.len; i++) {
    put("| ");
    put_escaped(entries.ptr[i].f0.ptr, entries.ptr[i].f0.len);
    put_line("", entries.ptr[i].f1.ptr, entries.ptr[i].f1.len);
  }
  http_fields_drop_own(fields);
  struct response response = begin(call);
  write_all(response.stream, page.bytes, page.length);
  end_response(&response, NULL);
}

static void status(struct call *call) {
  http_own_outgoing_response_t answer = http_constructor_outgoing_response(http_constructor_fields());
  http_borrow_outgoing_response_t self = http_borrow_outgoing_response(answer);
  if (!http_method_outgoing_response_set_status_code(self, (uint16_t)call->numbers[0])) {
    http_outgoing_response_drop_own(answer);
    respond_text(call->outparam, 200, "set-status-code: refused\n");
    return;
  }
  http_outgoing_response_drop_own(answer);
  struct response response = begin_response(call->outparam, (uint16_t)call->numbers[0], http_constructor_fields());
  write_text(&response, "a body\n");
  end_response(&response, NULL);
}

static int hex_digit(uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  byte |= 0x20;
  return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/// Undoes %NN in place. Returns the length.
static size_t unescape(uint8_t *bytes, size_t length) {
  size_t to = 0;
  for (size_t i = 0; i < length; i++) {
    int high = i + 2 < length && bytes[i] == '%' ? hex_digit(bytes[i + 1]) : -1;
    int low = high < 0 ? -1 : hex_digit(bytes[i + 2]);
    bytes[to++] = low < 0 ? bytes[i] : (uint8_t)(high * 16 + low);
    if (low >= 0) i += 2;
  }
  return to;
}

/// Adds `NAME=VALUE` of each request header named `from`, with %NN for what a request cannot carry. A line in `refused` for each
/// that is not taken.
static void add_given(http_own_fields_t seen, http_own_fields_t to, const char *from, struct text *refused) {
  http_field_name_t field = string_of(from);
  http_list_field_value_t values;
  arena_reset();
  http_method_fields_get(http_borrow_fields(seen), &field, &values);
  for (size_t i = 0; i < values.len; i++) {
    uint8_t *equals = memchr(values.ptr[i].ptr, '=', values.ptr[i].len);
    if (equals == NULL) __builtin_trap();
    http_field_name_t name = {values.ptr[i].ptr, (size_t)(equals - values.ptr[i].ptr)};
    http_field_value_t value = {equals + 1, values.ptr[i].len - name.len - 1};
    name.len = unescape(name.ptr, name.len);
    value.len = unescape(value.ptr, value.len);
    http_header_error_t error;
    if (http_method_fields_append(http_borrow_fields(to), &name, &value, &error)) continue;
    put_bytes(refused, name.ptr, name.len);
    put_string(refused, error.tag == HTTP_HEADER_ERROR_FORBIDDEN ? ": forbidden\n" : ": invalid-syntax\n");
  }
}

// `x-give: NAME=VALUE` becomes a header of the response. The body says which were refused.
static void header_echo(struct call *call) {
  http_own_fields_t seen = request_headers(call), headers = http_constructor_fields();
  struct text refused = {0};
  add_given(seen, headers, "x-give", &refused);
  http_fields_drop_own(seen);
  struct response response = begin_response(call->outparam, 200, headers);
  write_all(response.stream, refused.bytes, refused.length);
  end_response(&response, NULL);
}

// `x-give: NAME=VALUE` becomes a trailer; without any, there is x-first and, twice, x-second. The header `trailer` is not there,
// unless `x-announce` says its value.
static void trailers(struct call *call) {
  http_own_fields_t seen = request_headers(call), fields = http_constructor_fields(), headers = http_constructor_fields();
  copy_field(seen, headers, "x-announce", "trailer");
  struct text refused = {0};
  http_field_name_t give = string_of("x-give");
  bool given = http_method_fields_has(http_borrow_fields(seen), &give);
  if (given) {
    add_given(seen, fields, "x-give", &refused);
  } else {
    add_field(fields, "x-first", "1");
    add_field(fields, "x-second", "2");
    add_field(fields, "x-second", "caf\xe9");
  }
  http_fields_drop_own(seen);
  struct response response = begin_response(call->outparam, 200, headers);
  write_text(&response, "before the trailers\n");
  write_all(response.stream, refused.bytes, refused.length);
  end_response(&response, &fields);
}

static struct response begin_length(struct call *call, uint64_t length) {
  struct text text = {0};
  put_number(&text, length);
  put_bytes(&text, "", 1);
  http_own_fields_t headers = http_constructor_fields();
  add_field(headers, "content-length", text.bytes);
  return begin_response(call->outparam, 200, headers);
}

static void length(struct call *call) {
  struct response response = begin_length(call, call->numbers[0]);
  write_pattern(&response, call->numbers[0]);
  end_response(&response, NULL);
}

static void too_short(struct call *call) {
  struct response response = begin_length(call, 10);
  write_text(&response, "abc");
  report("short", end_response(&response, NULL));
}

static void too_long(struct call *call) {
  struct response response = begin_length(call, 3);
  bool written = write_all(response.stream, "abcdefghij", 10);
  print_error(written ? "long: written" : "long: write refused");
  report("long", end_response(&response, NULL));
}

static void chunks(struct call *call) {
  struct response response = begin(call);
  for (uint64_t left = call->numbers[0]; left > 0; left--)
    if (!write_pattern(&response, call->numbers[1]) || !flush_all(response.stream)) break;
  end_response(&response, NULL);
}

static void sleep(struct call *call) {
  wait(call->numbers[0] * millisecond);
  respond_text(call->outparam, 200, "slept\n");
}

// /slow-body/N/MS: the head at once, then N lines, with so much time before each.
static void slow_body(struct call *call) {
  struct response response = begin(call);
  for (uint64_t left = call->numbers[0]; left > 0; left--) {
    wait(call->numbers[1] * millisecond);
    write_text(&response, "line\n");
    if (!flush_all(response.stream)) break;
  }
  end_response(&response, NULL);
}

static void busy(struct call *call) {
  uint64_t until = monotonic_clock_now() + call->numbers[0] * millisecond;
  while (monotonic_clock_now() < until) {
  }
  respond_text(call->outparam, 200, "was busy\n");
}

static void spin(struct call *call) {
  (void)call;
  for (volatile uint32_t forever = 0;; forever++) {
  }
}

static void trap(struct call *call) {
  (void)call;
  __builtin_trap();
}

// Returns with the outparam in hand.
static void no_outparam(struct call *call) { (void)call; }

static void drop_outparam(struct call *call) { http_response_outparam_drop_own(call->outparam); }

static void late_trap(struct call *call) {
  struct response response = begin(call);
  write_text(&response, "before the trap\n");
  flush_all(response.stream);
  __builtin_trap();
}

static void late_trap_length(struct call *call) {
  struct response response = begin_length(call, 100);
  write_text(&response, "before the trap\n");
  flush_all(response.stream);
  __builtin_trap();
}

// /error-outparam/N: the error-code of that number, without a payload; internal-error with one where there is no N.
static void error_outparam(struct call *call) {
  http_result_own_outgoing_response_error_code_t result = {.is_err = true};
  result.val.err.tag = (uint8_t)(call->numbers[0] > HTTP_ERROR_CODE_INTERNAL_ERROR ? HTTP_ERROR_CODE_INTERNAL_ERROR : call->numbers[0]);
  if (call->numbers[0] > HTTP_ERROR_CODE_INTERNAL_ERROR) {
    result.val.err.val.internal_error.is_some = true;
    result.val.err.val.internal_error.val = string_of("as asked");
  }
  http_static_response_outparam_set(call->outparam, &result);
}

// Drops its body without a finish.
static void cut_body(struct call *call) {
  struct response response = begin(call);
  write_text(&response, "unfinished\n");
  flush_all(response.stream);
  cut_off(&response);
}

// Does not even take its body.
static void no_body(struct call *call) {
  http_result_own_outgoing_response_error_code_t result = {.is_err = false};
  result.val.ok = http_constructor_outgoing_response(http_constructor_fields());
  http_static_response_outparam_set(call->outparam, &result);
}

// How many requests this instance has had.
static void counter(struct call *call) {
  static uint64_t count;
  struct text text = {0};
  put_number(&text, ++count);
  put_bytes(&text, "\n", 2);
  respond_text(call->outparam, 200, text.bytes);
}

// Lines, parts of one, several at once, and one without its end.
static void print_lines(struct call *call) {
  print("a line");
  print("two lines\nat once");
  print_error("an error");
  stdout_own_output_stream_t out = stdout_get_stdout();
  write_flushed(streams_borrow_output_stream(out), "part, ", 6);
  write_flushed(streams_borrow_output_stream(out), "rest\n", 5);
  write_flushed(streams_borrow_output_stream(out), "\n", 1);
  write_flushed(streams_borrow_output_stream(out), "no end", 6);
  streams_output_stream_drop_own(out);
  respond_text(call->outparam, 200, "printed\n");
}

// Answers without a look at the request's body.
static void ignore_body(struct call *call) { respond_text(call->outparam, 200, "ignored\n"); }

// Reads the whole body and says how long it was; if it ends with an error, which one.
static void upload(struct call *call) {
  struct body body = open_request_body(call->request);
  uint64_t size, sum;
  uint8_t error = read_all(&body, &size, &sum);
  drop_body(&body);
  if (error != HTTP_OK) report("upload", error);
  struct text text = {0};
  put_number(&text, size);
  put_string(&text, " bytes, sum ");
  put_number(&text, sum);
  put_string(&text, error == HTTP_OK ? "" : ", then an error");
  put_bytes(&text, "\n", 2);
  respond_text(call->outparam, 200, text.bytes);
}

// /read/N: reads N bytes of the body, answers, and leaves the rest.
static void read_some(struct call *call) {
  struct body body = open_request_body(call->request);
  for (uint64_t left = call->numbers[0]; left > 0;) {
    struct piece piece = await_piece(&body, left);
    if (piece.ended) break;
    left -= piece.length;
  }
  drop_body(&body);
  respond_text(call->outparam, 200, "read\n");
}

// Writes until nobody listens any more, and says so.
static void until_gone(struct call *call) {
  struct response response = begin(call);
  while (write_pattern(&response, PIECE)) {
  }
  cut_off(&response);
  print_error("until-gone: client gone");
}

// Middleware: the request goes on to `x-to: AUTHORITY`, and its answer comes back, both piece by piece.
static void forward(struct call *call) {
  http_own_fields_t seen = request_headers(call), headers = http_constructor_fields();
  http_field_name_t to = string_of("x-to");
  http_list_field_value_t values;
  arena_reset();
  http_method_fields_get(http_borrow_fields(seen), &to, &values);
  char authority[256] = "";
  if (values.len != 1 || values.ptr[0].len >= sizeof authority) __builtin_trap();
  memcpy(authority, values.ptr[0].ptr, values.ptr[0].len);
  copy_field(seen, headers, "content-type", "content-type");
  http_fields_drop_own(seen);
  arena_reset();
  http_method_t method;
  http_method_incoming_request_method(http_borrow_incoming_request(call->request), &method);
  http_own_outgoing_request_t request = new_request(method.tag == HTTP_METHOD_POST ? "POST" : "GET", authority, "/forwarded", headers);
  struct upload upload;
  if (method.tag == HTTP_METHOD_POST) upload = open_upload(request);
  http_own_future_incoming_response_t future;
  uint8_t error = send_request(request, NULL, &future);
  if (error == HTTP_OK && method.tag == HTTP_METHOD_POST) {
    struct body body = open_request_body(call->request);
    copy_body(&body, upload.stream, &error);
    drop_body(&body);
    finish_upload(&upload, NULL);
  }
  http_own_incoming_response_t answer;
  if (error == HTTP_OK) error = await_response(future, &answer);
  if (error != HTTP_OK) {
    report("forward", error);
    respond_text(call->outparam, 502, "no answer\n");
    return;
  }
  http_own_fields_t theirs = http_method_incoming_response_headers(http_borrow_incoming_response(answer));
  http_own_fields_t ours = http_constructor_fields();
  copy_field(theirs, ours, "content-type", "content-type");
  http_fields_drop_own(theirs);
  uint16_t status_code = http_method_incoming_response_status(http_borrow_incoming_response(answer));
  struct response response = begin_response(call->outparam, status_code, ours);
  struct body body = open_body(answer);
  copy_body(&body, response.stream, &error);
  drop_body(&body);
  end_response(&response, NULL);
}

static const struct route {
  const char *name;
  void (*answer)(struct call *call);
} routes[] = {
    {"hello", hello},
    {"echo", echo},
    {"headers", headers},
    {"status", status},
    {"header-echo", header_echo},
    {"trailers", trailers},
    {"length", length},
    {"short", too_short},
    {"long", too_long},
    {"chunks", chunks},
    {"sleep", sleep},
    {"slow-body", slow_body},
    {"busy", busy},
    {"spin", spin},
    {"trap", trap},
    {"no-outparam", no_outparam},
    {"drop-outparam", drop_outparam},
    {"late-trap", late_trap},
    {"late-trap-length", late_trap_length},
    {"error-outparam", error_outparam},
    {"drop-body", cut_body},
    {"no-body", no_body},
    {"counter", counter},
    {"print", print_lines},
    {"ignore-body", ignore_body},
    {"upload", upload},
    {"read", read_some},
    {"until-gone", until_gone},
    {"forward", forward},
};

static size_t segment_length(const uint8_t *at, const uint8_t *end) {
  size_t size = 0;
  while (at + size < end && at[size] != '/' && at[size] != '?') size++;
  return size;
}

void exports_wasi_http_incoming_handler_handle(http_own_incoming_request_t request, http_own_response_outparam_t outparam) {
  struct call call = {request, outparam, {UINT64_MAX, UINT64_MAX}};
  guest_string_t path;
  arena_reset();
  if (!http_method_incoming_request_path_with_query(http_borrow_incoming_request(request), &path)) path = string_of("/headers");
  const uint8_t *at = path.ptr, *end = path.ptr + path.len;
  if (at < end && *at == '/') at++;
  size_t size = segment_length(at, end);
  const struct route *route = NULL;
  for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
    if (strlen(routes[i].name) == size && memcmp(routes[i].name, at, size) == 0) route = &routes[i];
  for (size_t i = 0; i < 2 && at + size < end && at[size] == '/'; i++) {
    at += size + 1;
    size = segment_length(at, end);
    if (!parse_number((const char *)at, size, UINT64_MAX / 16, &call.numbers[i])) break;
  }
  if (route != NULL) route->answer(&call);
  else respond_text(outparam, 404, "no such path\n");
  http_incoming_request_drop_own(request);
}
