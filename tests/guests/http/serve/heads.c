// Heads, both ways, and trailers.
#include "serve.h"

#include <string.h>

#include "arena.h"
#include "streams.h"
#include "text.h"

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
void answer_headers(struct call *call) {
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

void answer_status(struct call *call) {
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
void answer_header_echo(struct call *call) {
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
void answer_trailers(struct call *call) {
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
