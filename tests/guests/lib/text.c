#include "text.h"

#include <string.h>

#include "guest.h"
#include "streams.h"

void put_bytes(struct text *text, const void *bytes, size_t length) {
  size_t room = sizeof text->bytes - text->length;
  if (length > room) length = room;
  memcpy(text->bytes + text->length, bytes, length);
  text->length += length;
}

void put_string(struct text *text, const char *string) { put_bytes(text, string, strlen(string)); }

static void put_digits(struct text *text, uint64_t number, unsigned base) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number > 0);
  put_bytes(text, digits + at, sizeof digits - at);
}

void put_number(struct text *text, uint64_t number) { put_digits(text, number, 10); }

void put_hex(struct text *text, uint32_t number) { put_digits(text, number, 16); }

bool print_line(struct text *text) {
  static stdout_own_output_stream_t stream;
  static bool open;
  if (!open) {
    stream = stdout_get_stdout();
    open = true;
  }
  put_string(text, "\n");
  return write_flushed(streams_borrow_output_stream(stream), text->bytes, text->length);
}

bool print_error_line(struct text *text) {
  static stderr_own_output_stream_t stream;
  static bool open;
  if (!open) {
    stream = stderr_get_stderr();
    open = true;
  }
  put_string(text, "\n");
  return write_flushed(streams_borrow_output_stream(stream), text->bytes, text->length);
}

bool print(const char *line) {
  struct text text = {0};
  put_string(&text, line);
  return print_line(&text);
}

bool print_error(const char *line) {
  struct text text = {0};
  put_string(&text, line);
  return print_error_line(&text);
}

bool parse_number(const char *string, size_t length, uint64_t max, uint64_t *number) {
  if (length == 0) return false;
  uint64_t sum = 0;
  for (size_t i = 0; i < length; i++) {
    if (string[i] < '0' || string[i] > '9') return false;
    sum = sum * 10 + (uint64_t)(string[i] - '0');
    if (sum > max) return false;
  }
  *number = sum;
  return true;
}
