#include "arguments.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

guest_list_string_t arguments(void) {
  static guest_list_string_t copy;
  if (copy.ptr != NULL) return copy;
  guest_list_string_t list;
  environment_get_arguments(&list);
  copy.ptr = malloc(list.len * sizeof *copy.ptr + 1);
  if (copy.ptr == NULL) __builtin_trap();
  for (copy.len = 0; copy.len < list.len; copy.len++) {
    guest_string_t *string = &copy.ptr[copy.len];
    *string = list.ptr[copy.len];
    string->ptr = malloc(string->len + 1);
    if (string->ptr == NULL) __builtin_trap();
    memcpy(string->ptr, list.ptr[copy.len].ptr, string->len);
  }
  return copy;
}

bool argument_is(size_t index, const char *expected) {
  guest_list_string_t list = arguments();
  size_t length = strlen(expected);
  return index < list.len && list.ptr[index].len == length && memcmp(list.ptr[index].ptr, expected, length) == 0;
}

uint64_t argument_number(size_t index, uint64_t otherwise) {
  guest_list_string_t list = arguments();
  uint64_t number;
  if (index >= list.len) return otherwise;
  return parse_number((char *)list.ptr[index].ptr, list.ptr[index].len, UINT64_MAX / 16, &number) ? number : otherwise;
}
