// exit ok | err | code N | return-err: every way to end; with none of them `run` returns ok.
#include "arguments.h"
#include "guest.h"
#include "text.h"

bool exports_wasi_cli_run_run(void) {
  exit_result_void_void_t ok = {false}, err = {true};
  if (argument_is(1, "ok")) exit_exit(&ok);
  if (argument_is(1, "err")) exit_exit(&err);
  if (argument_is(1, "code")) exit_exit_with_code((uint8_t)argument_number(2, 0));
  return !argument_is(1, "return-err");
}
