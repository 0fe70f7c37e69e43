#pragma once
#include "guest.h"

/// The WIT name of a case of wasi:sockets/network.error-code.
const char *error_code_name(network_error_code_t code);
