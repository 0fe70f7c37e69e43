// Prints what the guest was started with: `arg VALUE` and `env NAME=VALUE` in order, `cwd PATH` if there is one.
#include "guest.h"
#include "text.h"

static bool print_labelled(const char *label, guest_string_t value) {
  struct text text = {0};
  put_string(&text, label);
  put_bytes(&text, value.ptr, value.len);
  return print_line(&text);
}

bool exports_wasi_cli_run_run(void) {
  guest_list_string_t arguments;
  environment_get_arguments(&arguments);
  for (size_t i = 0; i < arguments.len; i++)
    if (!print_labelled("arg ", arguments.ptr[i])) return false;

  guest_list_tuple2_string_string_t variables;
  environment_get_environment(&variables);
  for (size_t i = 0; i < variables.len; i++) {
    struct text text = {0};
    put_string(&text, "env ");
    put_bytes(&text, variables.ptr[i].f0.ptr, variables.ptr[i].f0.len);
    put_string(&text, "=");
    put_bytes(&text, variables.ptr[i].f1.ptr, variables.ptr[i].f1.len);
    if (!print_line(&text)) return false;
  }

  guest_string_t cwd;
  return !environment_initial_cwd(&cwd) || print_labelled("cwd ", cwd);
}
