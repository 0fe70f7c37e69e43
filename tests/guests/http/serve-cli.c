// Answers with what only a host with -Scli has: /env (arguments and environment, a line each), /exit/0, /exit/1.
#include <string.h>

#include "arena.h"
#include "arguments.h"
#include "http.h"
#include "response.h"

static bool path_is(guest_string_t path, const char *expected) {
  return path.len == strlen(expected) && memcmp(path.ptr, expected, path.len) == 0;
}

static void put(struct response *response, guest_string_t text, const char *behind) {
  write_all(response->stream, text.ptr, text.len);
  write_all(response->stream, behind, strlen(behind));
}

static void env(http_own_response_outparam_t outparam) {
  struct response response = begin_response(outparam, 200, http_constructor_fields());
  guest_list_string_t argv = arguments();
  for (size_t i = 0; i < argv.len; i++) put(&response, argv.ptr[i], "\n");
  guest_list_tuple2_string_string_t variables;
  arena_reset();
  environment_get_environment(&variables);
  for (size_t i = 0; i < variables.len; i++) {
    put(&response, variables.ptr[i].f0, "=");
    put(&response, variables.ptr[i].f1, "\n");
  }
  end_response(&response, NULL);
}

void exports_wasi_http_incoming_handler_handle(http_own_incoming_request_t request, http_own_response_outparam_t outparam) {
  guest_string_t path;
  arena_reset();
  if (!http_method_incoming_request_path_with_query(http_borrow_incoming_request(request), &path)) path = string_of("/");
  exit_result_void_void_t status = {.is_err = path_is(path, "/exit/1")};
  if (status.is_err || path_is(path, "/exit/0")) exit_exit(&status);
  else if (path_is(path, "/env")) env(outparam);
  else respond_text(outparam, 404, "no such path\n");
  http_incoming_request_drop_own(request);
}
