// wasi:http driven from outside: reads commands on stdin, one a line, and answers each with a line. Words are separated by single
// spaces and percent-encoded; `-` is none, `%` alone the empty string.
//
//   case TITLE                          lets go of everything; what follows is about fresh fields
//   append NAME VALUE | set NAME VALUE.. | delete NAME | get NAME | has NAME | entries | clone | list [NAME VALUE]..
//   request | response                  made of the fields, which are then those of its `headers`
//   method NAME | scheme NAME | authority TEXT | path TEXT     `:get`, `:HTTP`: the case of that name, else `other`
//   show                                what the request's getters answer
//   timeout WHICH NS | timeouts         of request-options: 0 connect, 1 first-byte, 2 between-bytes
//   status NUMBER                       of the response
//   body | write TEXT | flood COUNT TEXT | finish [NAME VALUE].. | abort
//   send                                `handle`
//   answer                              waits for it: status, headers, body, trailers
#include <string.h>

#include "arena.h"
#include "guest.h"
#include "http.h"
#include "streams.h"
#include "text.h"

#define MAX_WORDS 4096

static stdout_own_output_stream_t out;
static char script[1 << 20];
static http_field_value_t words[MAX_WORDS];
static size_t count;

static http_own_fields_t fields;
static http_own_outgoing_request_t request;
static http_own_outgoing_response_t response;
static http_own_request_options_t options;
static http_own_outgoing_body_t body;
static streams_own_output_stream_t stream;
static http_own_future_incoming_response_t future;
static bool has_fields, has_request, has_response, has_options, has_body, has_stream, has_future;

static const char *const methods[] = {"get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"};
static const char *const header_errors[] = {"invalid-syntax", "forbidden", "immutable"};
static const char *const error_codes[] = {
    "DNS-timeout", "DNS-error", "destination-not-found", "destination-unavailable", "destination-IP-prohibited",
    "destination-IP-unroutable", "connection-refused", "connection-terminated", "connection-timeout", "connection-read-timeout",
    "connection-write-timeout", "connection-limit-reached", "TLS-protocol-error", "TLS-certificate-error", "TLS-alert-received",
    "HTTP-request-denied", "HTTP-request-length-required", "HTTP-request-body-size", "HTTP-request-method-invalid",
    "HTTP-request-URI-invalid", "HTTP-request-URI-too-long", "HTTP-request-header-section-size", "HTTP-request-header-size",
    "HTTP-request-trailer-section-size", "HTTP-request-trailer-size", "HTTP-response-incomplete",
    "HTTP-response-header-section-size", "HTTP-response-header-size", "HTTP-response-body-size",
    "HTTP-response-trailer-section-size", "HTTP-response-trailer-size", "HTTP-response-transfer-coding",
    "HTTP-response-content-coding", "HTTP-response-timeout", "HTTP-upgrade-failed", "HTTP-protocol-error", "loop-detected",
    "configuration-error", "internal-error"};

/// The line under way.
static char line[1 << 18];
static size_t line_length;

static void put_character(char character) {
  if (line_length < sizeof line) line[line_length++] = character;
}

static void put(const char *string) {
  while (*string != '\0') put_character(*string++);
}

static void put_unsigned(uint64_t value) {
  if (value >= 10) put_unsigned(value / 10);
  put_character((char)('0' + value % 10));
}

static void end_line(void) {
  put_character('\n');
  if (!write_flushed(streams_borrow_output_stream(out), line, line_length)) __builtin_trap();
  line_length = 0;
}

/// The most that is shown of a word, bytes; of a longer one also its length and a sum over it.
#define SHOWN 100

static void put_some(const uint8_t *bytes, size_t length) {
  static const char digits[] = "0123456789ABCDEF";
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] > ' ' && bytes[i] < 0x7f && bytes[i] != '%') {
      put_character((char)bytes[i]);
    } else {
      put_character('%');
      put_character(digits[bytes[i] >> 4]);
      put_character(digits[bytes[i] & 15]);
    }
  }
}

static uint64_t sum_of(uint64_t sum, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) sum = (sum * 31 + bytes[i]) % 1000003;
  return sum;
}

static void put_rest(uint64_t length, uint64_t sum) {
  if (length == 0) put_character('%');
  if (length <= SHOWN) return;
  put("...");
  put_unsigned(length);
  put_character('#');
  put_unsigned(sum);
}

static void put_word(const uint8_t *bytes, size_t length) {
  put_some(bytes, length < SHOWN ? length : SHOWN);
  put_rest(length, sum_of(0, bytes, length));
}

static void put_option(bool is_some, const guest_string_t *text) {
  put_character(' ');
  if (is_some) put_word(text->ptr, text->len);
  else put_character('-');
}

static void put_error(const http_error_code_t *error) {
  put("error ");
  put(error_codes[error->tag]);
  switch (error->tag) {
  case HTTP_ERROR_CODE_DNS_ERROR:
    put_option(error->val.dns_error.rcode.is_some, &error->val.dns_error.rcode.val);
    put_character(' ');
    if (error->val.dns_error.info_code.is_some) put_unsigned(error->val.dns_error.info_code.val);
    else put_character('-');
    break;
  case HTTP_ERROR_CODE_HTTP_REQUEST_BODY_SIZE:
  case HTTP_ERROR_CODE_HTTP_RESPONSE_BODY_SIZE:
    put_character(' ');
    if (error->val.http_request_body_size.is_some) put_unsigned(error->val.http_request_body_size.val);
    else put_character('-');
    break;
  case HTTP_ERROR_CODE_INTERNAL_ERROR:
    put_option(error->val.internal_error.is_some, &error->val.internal_error.val);
    break;
  default:
    break;
  }
}

static void put_stream_error(streams_stream_error_t *error) {
  if (error->tag == STREAMS_STREAM_ERROR_CLOSED) {
    put("closed");
    return;
  }
  http_error_code_t code;
  if (http_http_error_code(error_borrow_error(error->val.last_operation_failed), &code)) put_error(&code);
  else put("error of another kind");
  error_error_drop_own(error->val.last_operation_failed);
}

static void put_fields(http_own_fields_t of) {
  http_list_tuple2_field_name_field_value_t entries;
  arena_reset();
  http_method_fields_entries(http_borrow_fields(of), &entries);
  for (size_t i = 0; i < entries.len; i++) {
    put_character(' ');
    put_word(entries.ptr[i].f0.ptr, entries.ptr[i].f0.len);
    put_character('=');
    put_word(entries.ptr[i].f1.ptr, entries.ptr[i].f1.len);
  }
}

static guest_string_t text(size_t i) {
  return i < count ? (guest_string_t){words[i].ptr, words[i].len} : (guest_string_t){(uint8_t *)"", 0};
}

static bool is(size_t i, const char *word) {
  return i < count && words[i].len == strlen(word) && memcmp(words[i].ptr, word, words[i].len) == 0;
}

static uint64_t number(size_t i) {
  uint64_t value = 0;
  for (size_t at = 0; i < count && at < words[i].len; at++) value = value * 10 + (uint64_t)(words[i].ptr[at] - '0');
  return value;
}

static void let_go(void) {
  if (has_stream) streams_output_stream_drop_own(stream);
  if (has_body) http_outgoing_body_drop_own(body);
  if (has_future) http_future_incoming_response_drop_own(future);
  if (has_request) http_outgoing_request_drop_own(request);
  if (has_response) http_outgoing_response_drop_own(response);
  if (has_options) http_request_options_drop_own(options);
  if (has_fields) http_fields_drop_own(fields);
  has_stream = has_body = has_future = has_request = has_response = has_options = false;
  fields = http_constructor_fields();
  has_fields = true;
}

/// The fields as they are, or a view of the headers of what they have become.
static http_own_fields_t current(bool *owned) {
  *owned = !has_fields;
  if (has_request) return http_method_outgoing_request_headers(http_borrow_outgoing_request(request));
  if (has_response) return http_method_outgoing_response_headers(http_borrow_outgoing_response(response));
  *owned = false;
  return fields;
}

static bool pairs(size_t first, http_own_fields_t *made, http_header_error_t *error) {
  static http_tuple2_field_name_field_value_t entries[MAX_WORDS / 2];
  size_t length = 0;
  for (size_t i = first; i + 1 < count; i += 2) {
    entries[length].f0 = text(i);
    entries[length++].f1 = words[i + 1];
  }
  http_list_tuple2_field_name_field_value_t list = {entries, length};
  return http_static_fields_from_list(&list, made, error);
}

static void put_header_result(bool ok, const http_header_error_t *error) {
  put(ok ? "ok" : header_errors[error->tag]);
}

static bool fields_command(void) {
  bool owned;
  http_header_error_t error;
  http_own_fields_t of = current(&owned);
  http_borrow_fields_t self = http_borrow_fields(of);
  http_field_name_t name = text(1);
  bool known = true;
  arena_reset();
  if (is(0, "append")) put_header_result(http_method_fields_append(self, &name, &words[2], &error), &error);
  else if (is(0, "set")) {
    http_list_field_value_t values = {&words[2], count - 2};
    put_header_result(http_method_fields_set(self, &name, &values, &error), &error);
  } else if (is(0, "delete")) put_header_result(http_method_fields_delete(self, &name, &error), &error);
  else if (is(0, "has")) put(http_method_fields_has(self, &name) ? "true" : "false");
  else if (is(0, "get")) {
    http_list_field_value_t values;
    http_method_fields_get(self, &name, &values);
    put_unsigned(values.len);
    for (size_t i = 0; i < values.len; i++) {
      put_character(' ');
      put_word(values.ptr[i].ptr, values.ptr[i].len);
    }
  } else if (is(0, "entries")) {
    put("entries");
    put_fields(of);
  } else if (is(0, "clone")) {
    http_own_fields_t copy = http_method_fields_clone(self);
    if (has_fields) http_fields_drop_own(fields);
    else if (owned) http_fields_drop_own(of);
    if (has_request) http_outgoing_request_drop_own(request);
    if (has_response) http_outgoing_response_drop_own(response);
    has_request = has_response = owned = false;
    fields = copy;
    has_fields = true;
    put("ok");
  } else known = false;
  if (owned) http_fields_drop_own(of);
  return known;
}

static void put_method(void) {
  http_method_t method;
  http_method_outgoing_request_method(http_borrow_outgoing_request(request), &method);
  put_character(' ');
  if (method.tag < HTTP_METHOD_OTHER) put_character(':'), put(methods[method.tag]);
  else put_word(method.val.other.ptr, method.val.other.len);
}

static void put_scheme(void) {
  http_scheme_t scheme;
  if (!http_method_outgoing_request_scheme(http_borrow_outgoing_request(request), &scheme)) put(" -");
  else if (scheme.tag != HTTP_SCHEME_OTHER) put(scheme.tag == HTTP_SCHEME_HTTP ? " :HTTP" : " :HTTPS");
  else put_option(true, &scheme.val.other);
}

static http_method_t method_of(size_t i) {
  for (uint8_t tag = 0; tag < sizeof methods / sizeof *methods; tag++) {
    char named[16] = ":";
    strcat(named, methods[tag]);
    if (is(i, named)) return (http_method_t){.tag = tag};
  }
  return (http_method_t){.tag = HTTP_METHOD_OTHER, .val.other = text(i)};
}

static bool request_command(void) {
  http_borrow_outgoing_request_t self = http_borrow_outgoing_request(request);
  guest_string_t value = text(1);
  bool ok;
  arena_reset();
  if (is(0, "show")) {
    put("request");
    put_method();
    put_scheme();
    guest_string_t got;
    put_option(http_method_outgoing_request_authority(self, &got), &got);
    put_option(http_method_outgoing_request_path_with_query(self, &got), &got);
    return true;
  }
  if (is(0, "method")) {
    http_method_t method = method_of(1);
    ok = http_method_outgoing_request_set_method(self, &method);
  } else if (is(0, "scheme")) {
    http_scheme_t scheme = {.tag = HTTP_SCHEME_OTHER, .val.other = value};
    if (is(1, ":HTTP")) scheme.tag = HTTP_SCHEME_HTTP;
    if (is(1, ":HTTPS")) scheme.tag = HTTP_SCHEME_HTTPS;
    ok = http_method_outgoing_request_set_scheme(self, is(1, "-") ? NULL : &scheme);
  } else if (is(0, "authority")) {
    ok = http_method_outgoing_request_set_authority(self, is(1, "-") ? NULL : &value);
  } else if (is(0, "path")) {
    ok = http_method_outgoing_request_set_path_with_query(self, is(1, "-") ? NULL : &value);
  } else if (is(0, "body")) {
    ok = http_method_outgoing_request_body(self, &body);
    has_body = has_body || ok;
  } else return false;
  put(ok ? "ok" : "err");
  return true;
}

static bool response_command(void) {
  http_borrow_outgoing_response_t self = http_borrow_outgoing_response(response);
  if (is(0, "status")) {
    bool ok = http_method_outgoing_response_set_status_code(self, (uint16_t)number(1));
    put(ok ? "ok " : "err ");
    put_unsigned(http_method_outgoing_response_status_code(self));
  } else if (is(0, "body")) {
    bool ok = http_method_outgoing_response_body(self, &body);
    has_body = has_body || ok;
    put(ok ? "ok" : "err");
  } else return false;
  return true;
}

static void timeouts_command(void) {
  http_borrow_request_options_t self = http_borrow_request_options(options);
  if (is(0, "timeouts")) {
    put("timeouts");
    for (int which = 0; which < 3; which++) {
      http_duration_t ns;
      bool some = which == 0   ? http_method_request_options_connect_timeout(self, &ns)
                  : which == 1 ? http_method_request_options_first_byte_timeout(self, &ns)
                               : http_method_request_options_between_bytes_timeout(self, &ns);
      put_character(' ');
      if (some) put_unsigned(ns);
      else put_character('-');
    }
    return;
  }
  http_duration_t ns = number(2), *value = is(2, "-") ? NULL : &ns;
  bool ok = is(1, "0")   ? http_method_request_options_set_connect_timeout(self, value)
            : is(1, "1") ? http_method_request_options_set_first_byte_timeout(self, value)
                         : http_method_request_options_set_between_bytes_timeout(self, value);
  put(ok ? "ok" : "err");
}

static bool write_some(http_field_value_t what) {
  guest_list_u8_t bytes = {what.ptr, what.len};
  streams_borrow_output_stream_t self = streams_borrow_output_stream(stream);
  streams_stream_error_t error;
  uint64_t permit = 0;
  arena_reset();
  while (permit == 0) {
    if (!streams_method_output_stream_check_write(self, &permit, &error)) {
      put_stream_error(&error);
      return false;
    }
    if (permit > 0) break;
    poll_own_pollable_t room = streams_method_output_stream_subscribe(self);
    poll_method_pollable_block(poll_borrow_pollable(room));
    poll_pollable_drop_own(room);
  }
  if (bytes.len > permit) bytes.len = permit;
  if (streams_method_output_stream_write(self, &bytes, &error)) return true;
  put_stream_error(&error);
  return false;
}

static void write_command(void) {
  if (!has_stream && !http_method_outgoing_body_write(http_borrow_outgoing_body(body), &stream)) {
    put("err");
    return;
  }
  has_stream = true;
  bool flood = is(0, "flood");
  for (uint64_t left = flood ? number(1) : 1; left > 0; left--)
    if (!write_some(words[flood ? 2 : 1])) return;
  put("ok");
}

static void end_body(void) {
  http_own_fields_t trailers;
  http_header_error_t wrong;
  http_error_code_t error;
  if (has_stream) streams_output_stream_drop_own(stream);
  has_stream = has_body = false;
  if (is(0, "abort")) {
    http_outgoing_body_drop_own(body);
    put("ok");
    return;
  }
  bool some = count > 1;
  if (some && !pairs(1, &trailers, &wrong)) __builtin_trap();
  arena_reset();
  if (http_static_outgoing_body_finish(body, some ? &trailers : NULL, &error)) put("ok");
  else put_error(&error);
}

static void send_command(void) {
  http_error_code_t error;
  arena_reset();
  has_future = outgoing_handler_handle(request, has_options ? &options : NULL, &future, &error);
  has_request = has_options = false;
  if (has_future) put("ok");
  else put_error(&error);
}

static void put_trailers(http_own_incoming_body_t of) {
  http_result_option_own_trailers_error_code_t answer = await_trailers(http_static_incoming_body_finish(of));
  if (answer.is_err) {
    put(" trailers ");
    put_error(&answer.val.err);
  } else if (answer.val.ok.is_some) {
    put(" trailers");
    put_fields(answer.val.ok.val);
    http_fields_drop_own(answer.val.ok.val);
  }
}

static void put_body(http_own_incoming_body_t of) {
  streams_own_input_stream_t input;
  if (!http_method_incoming_body_stream(http_borrow_incoming_body(of), &input)) __builtin_trap();
  uint64_t length = 0, sum = 0;
  put(" body ");
  for (;;) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(input), 65536, &bytes, &error)) {
      put_rest(length, sum);
      if (error.tag != STREAMS_STREAM_ERROR_CLOSED) put_character(' ');
      if (error.tag != STREAMS_STREAM_ERROR_CLOSED) put_stream_error(&error);
      break;
    }
    sum = sum_of(sum, bytes.ptr, bytes.len);
    if (length < SHOWN) put_some(bytes.ptr, length + bytes.len > SHOWN ? SHOWN - length : bytes.len);
    length += bytes.len;
  }
  streams_input_stream_drop_own(input);
}

static void answer_command(void) {
  if (!has_future) {
    put("nothing to wait for");
    return;
  }
  http_result_own_incoming_response_error_code_t answer = await_answer(future);
  has_future = false;
  if (answer.is_err) {
    put_error(&answer.val.err);
    return;
  }
  http_own_incoming_response_t got = answer.val.ok;
  http_borrow_incoming_response_t seen = http_borrow_incoming_response(got);
  put_unsigned(http_method_incoming_response_status(seen));
  http_own_fields_t headers = http_method_incoming_response_headers(seen);
  put_fields(headers);
  http_fields_drop_own(headers);
  http_own_incoming_body_t whole;
  if (!http_method_incoming_response_consume(seen, &whole)) __builtin_trap();
  http_incoming_response_drop_own(got);
  put_body(whole);
  put_trailers(whole);
}

static void command(void) {
  if (is(0, "case")) {
    let_go();
    put("case ");
    put_word(words[1].ptr, words[1].len);
  } else if (is(0, "list")) {
    http_own_fields_t made;
    http_header_error_t error;
    bool ok = pairs(1, &made, &error);
    if (ok) http_fields_drop_own(fields);
    if (ok) fields = made;
    put_header_result(ok, &error);
  } else if (is(0, "request")) {
    request = http_constructor_outgoing_request(fields);
    has_request = true;
    has_fields = false;
    put("ok");
  } else if (is(0, "response")) {
    response = http_constructor_outgoing_response(fields);
    has_response = true;
    has_fields = false;
    put("ok");
  } else if (is(0, "timeout") || is(0, "timeouts")) {
    if (!has_options) options = http_constructor_request_options();
    has_options = true;
    timeouts_command();
  } else if (is(0, "write") || is(0, "flood")) write_command();
  else if (is(0, "finish") || is(0, "abort")) end_body();
  else if (is(0, "send")) send_command();
  else if (is(0, "answer")) answer_command();
  else if (!(has_request && request_command()) && !(has_response && response_command()) && !fields_command()) __builtin_trap();
  end_line();
}

static int hex(char digit) { return digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10; }

/// Decodes a word where it stands.
static http_field_value_t decoded(char *start, char *end) {
  char *to = start;
  for (char *from = start; from < end; from++) {
    if (*from != '%') *to++ = *from;
    else if (from + 2 < end) {
      *to++ = (char)(hex(from[1]) * 16 + hex(from[2]));
      from += 2;
    }
  }
  return (http_field_value_t){(uint8_t *)start, (size_t)(to - start)};
}

static size_t read_script(void) {
  stdin_own_input_stream_t input = stdin_get_stdin();
  size_t length = 0;
  for (;;) {
    guest_list_u8_t bytes;
    streams_stream_error_t error;
    arena_reset();
    if (!streams_method_input_stream_blocking_read(streams_borrow_input_stream(input), 65536, &bytes, &error)) break;
    if (length + bytes.len >= sizeof script) __builtin_trap();
    memcpy(script + length, bytes.ptr, bytes.len);
    length += bytes.len;
  }
  streams_input_stream_drop_own(input);
  script[length] = '\n';
  return length;
}

bool exports_wasi_cli_run_run(void) {
  out = stdout_get_stdout();
  let_go();
  size_t length = read_script();
  for (char *start = script; start < script + length;) {
    char *end = strchr(start, '\n');
    count = 0;
    for (char *word = start; word <= end && count < MAX_WORDS;) {
      char *stop = word;
      while (*stop != ' ' && *stop != '\n') stop++;
      words[count++] = decoded(word, stop);
      word = stop + 1;
    }
    command();
    start = end + 1;
  }
  return true;
}
