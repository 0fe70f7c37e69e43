#pragma once
#include <stdbool.h>

#include "guest.h"

/// argv, copied once out of the arena: it outlives every reset.
guest_list_string_t arguments(void);

/// Whether there is an argument `index` and it reads `expected`.
bool argument_is(size_t index, const char *expected);

/// The decimal argument `index`, or `otherwise` when it is missing or no number.
uint64_t argument_number(size_t index, uint64_t otherwise);
