// `hello, world` by printf: libc's calls go through the preview1 adapter, a second module in the component.
#include <stdio.h>

#include "guest.h"

bool exports_wasi_cli_run_run(void) { return printf("hello, world\n") > 0 && fflush(stdout) == 0; }
