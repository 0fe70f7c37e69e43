// `hello, world`, through wasi:cli/stdout alone: the smallest component of use, and the subject of the start-up benchmark.
#include "guest.h"
#include "text.h"

bool exports_wasi_cli_run_run(void) { return print("hello, world"); }
