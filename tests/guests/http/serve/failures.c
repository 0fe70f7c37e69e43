// What goes wrong, takes its time or shows where it runs.
#include "serve.h"

#include <string.h>

#include "arena.h"
#include "streams.h"
#include "text.h"

void answer_sleep(struct call *call) {
  wait(call->numbers[0] * millisecond);
  respond_text(call->outparam, 200, "slept\n");
}

void answer_busy(struct call *call) {
  uint64_t until = monotonic_clock_now() + call->numbers[0] * millisecond;
  while (monotonic_clock_now() < until) {
  }
  respond_text(call->outparam, 200, "was busy\n");
}

void answer_spin(struct call *call) {
  (void)call;
  for (volatile uint32_t forever = 0;; forever++) {
  }
}

void answer_trap(struct call *call) {
  (void)call;
  __builtin_trap();
}

// Returns with the outparam in hand.
void answer_no_outparam(struct call *call) { (void)call; }

void answer_drop_outparam(struct call *call) { http_response_outparam_drop_own(call->outparam); }

void answer_late_trap(struct call *call) {
  struct response response = begin(call);
  write_text(&response, "before the trap\n");
  flush_all(response.stream);
  __builtin_trap();
}

void answer_late_trap_length(struct call *call) {
  struct response response = begin_length(call, 100);
  write_text(&response, "before the trap\n");
  flush_all(response.stream);
  __builtin_trap();
}

// /error-outparam/N: the error-code of that number, without a payload; internal-error with one where there is no N.
void answer_error_outparam(struct call *call) {
  http_result_own_outgoing_response_error_code_t result = {.is_err = true};
  result.val.err.tag = (uint8_t)(call->numbers[0] > HTTP_ERROR_CODE_INTERNAL_ERROR ? HTTP_ERROR_CODE_INTERNAL_ERROR : call->numbers[0]);
  if (call->numbers[0] > HTTP_ERROR_CODE_INTERNAL_ERROR) {
    result.val.err.val.internal_error.is_some = true;
    result.val.err.val.internal_error.val = string_of("as asked");
  }
  http_static_response_outparam_set(call->outparam, &result);
}

// How many requests this instance has had.
void answer_counter(struct call *call) {
  static uint64_t count;
  struct text text = {0};
  put_number(&text, ++count);
  put_bytes(&text, "\n", 2);
  respond_text(call->outparam, 200, text.bytes);
}

// Lines, parts of one, several at once, and one without its end.
void answer_print_lines(struct call *call) {
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
