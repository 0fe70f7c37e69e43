#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "guest.h"
#include "http.h"
#include "response.h"

static const uint64_t millisecond = 1000000;

struct call {
  http_own_incoming_request_t request;
  http_own_response_outparam_t outparam;
  /// What the path's segments behind the first say: /chunks/3/100 has 3 and 100.
  uint64_t numbers[2];
};

void wait(uint64_t duration);
http_own_fields_t request_headers(struct call *call);

/// 200, without headers.
struct response begin(struct call *call);

/// The same with a content-length.
struct response begin_length(struct call *call, uint64_t length);
bool write_text(struct response *response, const char *text);

/// Leaves the body unfinished: the answer is cut off.
void cut_off(struct response *response);

/// Bytes 0 to 255 again and again. False once the client is gone.
bool write_pattern(struct response *response, uint64_t length);

/// `WHAT: NUMBER OF THE ERROR-CODE` on stderr: what the client cannot be told any more.
void report(const char *what, uint8_t error);

/// Copies the values of `from` that are named `name` as fields named `as`.
void copy_field(http_own_fields_t from, http_own_fields_t to, const char *name, const char *as);

// The answers; serve.c says which path is whose.

void answer_hello(struct call *call);
void answer_echo(struct call *call);
void answer_headers(struct call *call);
void answer_status(struct call *call);
void answer_header_echo(struct call *call);
void answer_trailers(struct call *call);
void answer_length(struct call *call);
void answer_too_short(struct call *call);
void answer_too_long(struct call *call);
void answer_chunks(struct call *call);
void answer_sleep(struct call *call);
void answer_slow_body(struct call *call);
void answer_busy(struct call *call);
void answer_spin(struct call *call);
void answer_trap(struct call *call);
void answer_no_outparam(struct call *call);
void answer_drop_outparam(struct call *call);
void answer_late_trap(struct call *call);
void answer_late_trap_length(struct call *call);
void answer_error_outparam(struct call *call);
void answer_cut_body(struct call *call);
void answer_no_body(struct call *call);
void answer_counter(struct call *call);
void answer_print_lines(struct call *call);
void answer_ignore_body(struct call *call);
void answer_upload(struct call *call);
void answer_read_some(struct call *call);
void answer_until_gone(struct call *call);
void answer_forward(struct call *call);
