// Answers by the first segment of the request's path; serve/*.c say what each does. Imports only what every host of
// wasi:http/proxy has.
#include <string.h>

#include "arena.h"
#include "serve/serve.h"
#include "text.h"

static const struct route {
  const char *name;
  void (*answer)(struct call *call);
} routes[] = {
    {"hello", answer_hello},
    {"echo", answer_echo},
    {"headers", answer_headers},
    {"status", answer_status},
    {"header-echo", answer_header_echo},
    {"trailers", answer_trailers},
    {"length", answer_length},
    {"short", answer_too_short},
    {"long", answer_too_long},
    {"chunks", answer_chunks},
    {"sleep", answer_sleep},
    {"slow-body", answer_slow_body},
    {"busy", answer_busy},
    {"spin", answer_spin},
    {"trap", answer_trap},
    {"no-outparam", answer_no_outparam},
    {"drop-outparam", answer_drop_outparam},
    {"late-trap", answer_late_trap},
    {"late-trap-length", answer_late_trap_length},
    {"error-outparam", answer_error_outparam},
    {"drop-body", answer_cut_body},
    {"no-body", answer_no_body},
    {"counter", answer_counter},
    {"print", answer_print_lines},
    {"ignore-body", answer_ignore_body},
    {"upload", answer_upload},
    {"read", answer_read_some},
    {"until-gone", answer_until_gone},
    {"forward", answer_forward},
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
