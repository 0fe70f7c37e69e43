// wasi:http/types without a request: fields, and what a request and its options take.
#include <string.h>

#include "arena.h"
#include "arguments.h"
#include "check.h"
#include "http.h"

#define NONE 255

static uint8_t append(http_own_fields_t fields, const char *name, const char *value) {
  http_field_name_t field = string_of(name);
  http_field_value_t bytes = value_of(value);
  http_header_error_t error;
  return http_method_fields_append(http_borrow_fields(fields), &field, &bytes, &error) ? NONE : error.tag;
}

static uint8_t set(http_own_fields_t fields, const char *name, const char *value) {
  http_field_name_t field = string_of(name);
  http_field_value_t bytes = value_of(value);
  http_list_field_value_t values = {&bytes, 1};
  http_header_error_t error;
  return http_method_fields_set(http_borrow_fields(fields), &field, &values, &error) ? NONE : error.tag;
}

static uint8_t delete(http_own_fields_t fields, const char *name) {
  http_field_name_t field = string_of(name);
  http_header_error_t error;
  return http_method_fields_delete(http_borrow_fields(fields), &field, &error) ? NONE : error.tag;
}

static bool has(http_own_fields_t fields, const char *name) {
  http_field_name_t field = string_of(name);
  return http_method_fields_has(http_borrow_fields(fields), &field);
}

static size_t count(http_own_fields_t fields) {
  http_list_tuple2_field_name_field_value_t entries;
  arena_reset();
  http_method_fields_entries(http_borrow_fields(fields), &entries);
  return entries.len;
}

static void values(void) {
  http_own_fields_t fields = http_constructor_fields();
  EXPECT_NUMBER(append(fields, "X-One", "a"), NONE);
  EXPECT_NUMBER(append(fields, "x-one", "b"), NONE);
  EXPECT_NUMBER(append(fields, "x-two", ""), NONE);
  CHECK(has(fields, "X-ONE"));
  CHECK(!has(fields, "x-three"));
  CHECK(!has(fields, "x three"));
  EXPECT_NUMBER(count(fields), 3);
  http_own_fields_t copy = http_method_fields_clone(http_borrow_fields(fields));
  EXPECT_NUMBER(set(fields, "x-one", "c"), NONE);
  CHECK(field_is(fields, "X-One", "c"));
  EXPECT_NUMBER(delete(fields, "x-two"), NONE);
  EXPECT_NUMBER(delete(fields, "x-none"), NONE);
  CHECK(!has(fields, "x-two"));
  EXPECT_NUMBER(count(fields), 1);
  EXPECT_NUMBER(count(copy), 3);
  EXPECT_NUMBER(append(copy, "x-one", "d"), NONE);
  http_fields_drop_own(copy);
  http_fields_drop_own(fields);
}

static void rules(void) {
  static const char *const forbidden[] = {"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection",
                                          "Transfer-Encoding", "Upgrade", "Host", "HTTP2-Settings"};
  http_own_fields_t fields = http_constructor_fields();
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
    EXPECT_NUMBER(append(fields, forbidden[i], "x"), HTTP_HEADER_ERROR_FORBIDDEN);
    EXPECT_NUMBER(set(fields, forbidden[i], "x"), HTTP_HEADER_ERROR_FORBIDDEN);
    EXPECT_NUMBER(delete(fields, forbidden[i]), HTTP_HEADER_ERROR_FORBIDDEN);
  }
  static const char *const names[] = {"", " ", "a b", "a:b", "a\n", "\xc3\xa9", "a(b)"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    EXPECT_NUMBER(append(fields, names[i], "x"), HTTP_HEADER_ERROR_INVALID_SYNTAX);
  static const char *const bad[] = {"a\r\nb: c", "\x7f", "\x01"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    EXPECT_NUMBER(set(fields, "x", bad[i]), HTTP_HEADER_ERROR_INVALID_SYNTAX);
  EXPECT_NUMBER(append(fields, "x", "a\tb \xff"), NONE);
  EXPECT_NUMBER(count(fields), 1);

  http_field_name_t name = string_of("host");
  http_tuple2_field_name_field_value_t entry = {name, value_of("x")};
  http_list_tuple2_field_name_field_value_t entries = {&entry, 1};
  http_own_fields_t made;
  http_header_error_t error;
  CHECK(!http_static_fields_from_list(&entries, &made, &error) && error.tag == HTTP_HEADER_ERROR_FORBIDDEN);
  entry.f0 = string_of("X-Listed");
  CHECK(http_static_fields_from_list(&entries, &made, &error));
  CHECK(field_is(made, "x-listed", "x"));
  http_fields_drop_own(made);

  http_own_outgoing_request_t request = http_constructor_outgoing_request(fields);
  http_own_fields_t view = http_method_outgoing_request_headers(http_borrow_outgoing_request(request));
  EXPECT_NUMBER(append(view, "y", "x"), HTTP_HEADER_ERROR_IMMUTABLE);
  EXPECT_NUMBER(set(view, "y", "x"), HTTP_HEADER_ERROR_IMMUTABLE);
  EXPECT_NUMBER(delete(view, "y"), HTTP_HEADER_ERROR_IMMUTABLE);
  EXPECT_NUMBER(count(view), 1);
  http_own_fields_t free = http_method_fields_clone(http_borrow_fields(view));
  EXPECT_NUMBER(append(free, "y", "x"), NONE);
  http_fields_drop_own(free);
  http_fields_drop_own(view);
  http_outgoing_request_drop_own(request);
}

static void requests(void) {
  http_own_outgoing_request_t request = http_constructor_outgoing_request(http_constructor_fields());
  http_borrow_outgoing_request_t self = http_borrow_outgoing_request(request);
  http_method_t method;
  guest_string_t string;
  http_scheme_t scheme;
  http_method_outgoing_request_method(self, &method);
  EXPECT_NUMBER(method.tag, HTTP_METHOD_GET);
  CHECK(!http_method_outgoing_request_scheme(self, &scheme));
  CHECK(!http_method_outgoing_request_authority(self, &string));
  CHECK(!http_method_outgoing_request_path_with_query(self, &string));
  method = (http_method_t){.tag = HTTP_METHOD_OTHER, .val.other = string_of("bad method")};
  CHECK(!http_method_outgoing_request_set_method(self, &method));
  method.val.other = string_of("PURGE");
  CHECK(http_method_outgoing_request_set_method(self, &method));
  scheme = (http_scheme_t){.tag = HTTP_SCHEME_OTHER, .val.other = string_of("a_b")};
  CHECK(!http_method_outgoing_request_set_scheme(self, &scheme));
  scheme.val.other = string_of("gopher");
  CHECK(http_method_outgoing_request_set_scheme(self, &scheme));
  static const char *const good[] = {"example.com", "example.com:8080", "127.0.0.1:80", "[::1]:80", "localhost"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    string = string_of(good[i]);
    CHECK(http_method_outgoing_request_set_authority(self, &string));
  }
  static const char *const bad[] = {"", "a b", "1:2:3", "user@", "host/path", "[::1", "a\nb"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    string = string_of(bad[i]);
    CHECK(!http_method_outgoing_request_set_authority(self, &string));
  }
  string = string_of("/a?b=c&d=%20");
  CHECK(http_method_outgoing_request_set_path_with_query(self, &string));
  string = string_of("/a b");
  CHECK(!http_method_outgoing_request_set_path_with_query(self, &string));
  arena_reset();
  CHECK(http_method_outgoing_request_path_with_query(self, &string));
  CHECK(string.len == 12 && memcmp(string.ptr, "/a?b=c&d=%20", 12) == 0);
  http_own_outgoing_body_t body, again;
  CHECK(http_method_outgoing_request_body(self, &body));
  CHECK(!http_method_outgoing_request_body(self, &again));
  streams_own_output_stream_t stream, other;
  CHECK(http_method_outgoing_body_write(http_borrow_outgoing_body(body), &stream));
  CHECK(!http_method_outgoing_body_write(http_borrow_outgoing_body(body), &other));
  streams_output_stream_drop_own(stream);
  http_outgoing_body_drop_own(body);
  http_outgoing_request_drop_own(request);

  http_own_request_options_t options = http_constructor_request_options();
  http_borrow_request_options_t set = http_borrow_request_options(options);
  http_duration_t duration = UINT64_MAX;
  CHECK(!http_method_request_options_connect_timeout(set, &duration));
  duration = 1234567;
  CHECK(http_method_request_options_set_first_byte_timeout(set, &duration));
  duration = 0;
  CHECK(http_method_request_options_first_byte_timeout(set, &duration));
  EXPECT_NUMBER(duration, 1234567);
  CHECK(http_method_request_options_set_first_byte_timeout(set, NULL));
  CHECK(!http_method_request_options_first_byte_timeout(set, &duration));
  http_request_options_drop_own(options);

  http_own_outgoing_response_t response = http_constructor_outgoing_response(http_constructor_fields());
  http_borrow_outgoing_response_t answer = http_borrow_outgoing_response(response);
  EXPECT_NUMBER(http_method_outgoing_response_status_code(answer), 200);
  CHECK(http_method_outgoing_response_set_status_code(answer, 404));
  CHECK(!http_method_outgoing_response_set_status_code(answer, 99));
  EXPECT_NUMBER(http_method_outgoing_response_status_code(answer), 404);
  http_outgoing_response_drop_own(response);
}

// Fields without end: the host's limit ends it.
static void grow(void) {
  http_own_fields_t fields = http_constructor_fields();
  for (;;) append(fields, "x", "0123456789");
}

bool exports_wasi_cli_run_run(void) {
  if (argument_is(1, "grow")) grow();
  values();
  rules();
  requests();
  return finish_checks();
}
