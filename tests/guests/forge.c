// forge CASE: a hostile guest. Each case breaks one rule of the boundary between guest and host, by imports declared here with
// their core types, so that any i32 can be passed. No case returns: one that does prints `survived` and returns ok.
#include <string.h>

#include "address.h"
#include "arena.h"
#include "arguments.h"
#include "guest.h"
#include "text.h"

#define IMPORT(module, name) __attribute__((import_module("wasi:" module "@0.2.12"), import_name(name)))

IMPORT("io/poll", "poll") void raw_poll(uint32_t pointer, uint32_t length, uint32_t result);
IMPORT("io/poll", "[method]pollable.ready") int32_t raw_ready(int32_t pollable);
IMPORT("io/poll", "[resource-drop]pollable") void raw_drop_pollable(int32_t pollable);
IMPORT("io/streams", "[method]output-stream.write") void raw_write(int32_t stream, uint32_t pointer, uint32_t length, uint32_t result);
IMPORT("io/streams", "[method]output-stream.check-write") void raw_check_write(int32_t stream, uint32_t result);
IMPORT("io/streams", "[method]output-stream.blocking-write-and-flush")
void raw_write_flushed(int32_t stream, uint32_t pointer, uint32_t length, uint32_t result);
IMPORT("io/streams", "[method]output-stream.blocking-write-zeroes-and-flush")
void raw_zeroes_flushed(int32_t stream, uint64_t length, uint32_t result);
IMPORT("cli/exit", "exit") void raw_exit(int32_t status);
IMPORT("sockets/tcp-create-socket", "create-tcp-socket") void raw_create(int32_t family, uint32_t result);
IMPORT("sockets/tcp", "[method]tcp-socket.start-bind")
void raw_start_bind(int32_t socket, int32_t network, int32_t tag, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t,
                    int32_t, int32_t, int32_t, int32_t, uint32_t result);
IMPORT("sockets/tcp", "[method]tcp-socket.shutdown") void raw_shutdown(int32_t socket, int32_t how, uint32_t result);
IMPORT("sockets/tcp", "[resource-drop]tcp-socket") void raw_drop_socket(int32_t socket);
IMPORT("sockets/ip-name-lookup", "resolve-addresses")
void raw_resolve(int32_t network, uint32_t pointer, uint32_t length, uint32_t result);
IMPORT("cli/environment", "get-arguments") void raw_get_arguments(uint32_t result);
IMPORT("random/random", "get-random-bytes") void raw_random(uint64_t length, uint32_t result);

// Room for any result, aligned for any.
static _Alignas(8) uint8_t result[64];
#define RESULT ((uint32_t)(uintptr_t)result)

static uint32_t end_of_memory(void) { return (uint32_t)__builtin_wasm_memory_size(0) * 65536; }
static int32_t timer(void) { return monotonic_clock_subscribe_duration(1000000000000).__handle; }
static int32_t network(void) { return instance_network_instance_network().__handle; }
static int32_t output(void) { return stdout_get_stdout().__handle; }

static int32_t socket_handle(void) {
  tcp_own_tcp_socket_t socket;
  network_error_code_t code;
  if (!tcp_create_socket_create_tcp_socket(NETWORK_IP_ADDRESS_FAMILY_IPV4, &socket, &code)) __builtin_trap();
  return socket.__handle;
}

static void poll_list(uint32_t length, const int32_t *handles) { raw_poll((uint32_t)(uintptr_t)handles, length, RESULT); }

// Handles.
static void unknown_handle(void) { raw_ready(12345); }
static void zero_handle(void) { raw_ready(0); }
static void negative_handle(void) { raw_ready(-1); }
static void wrong_type(void) { raw_ready(output()); }
static void dropped_handle(void) {
  int32_t handle = timer();
  raw_drop_pollable(handle);
  raw_ready(handle);
}
static void double_drop(void) {
  int32_t handle = timer();
  raw_drop_pollable(handle);
  raw_drop_pollable(handle);
}
static void forged_in_list(void) { poll_list(2, (int32_t[]){timer(), 4711}); }
static void parent_before_child(void) {
  int32_t socket = socket_handle();
  tcp_method_tcp_socket_subscribe((tcp_borrow_tcp_socket_t){socket});
  raw_drop_socket(socket);
}

// Pointers and lengths from the guest.
static void list_out_of_bounds(void) { raw_poll(end_of_memory(), 1, RESULT); }
static void list_straddles_end(void) { raw_poll(end_of_memory() - 4, 2, RESULT); }
static void list_unaligned(void) { raw_poll(RESULT + 2, 1, RESULT); }
static void list_length_wraps(void) { raw_poll(RESULT, 0x40000001, RESULT); }
static void bytes_out_of_bounds(void) { raw_write_flushed(output(), end_of_memory() - 1, 2, RESULT); }
static void bytes_negative(void) { raw_write_flushed(output(), 0xffffffff, 1, RESULT); }
static void bytes_length(void) { raw_write(output(), RESULT, 0xffffffff, RESULT); }
static void result_out_of_bounds(void) { raw_check_write(output(), end_of_memory() - 8); }
static void result_unaligned(void) { raw_check_write(output(), RESULT + 1); }
static void string_out_of_bounds(void) { raw_resolve(network(), end_of_memory(), 1, RESULT); }
static void string_not_utf8(void) {
  static const uint8_t bytes[] = {'a', 0xff, 'b'};
  raw_resolve(network(), (uint32_t)(uintptr_t)bytes, sizeof bytes, RESULT);
}

// Discriminants.
static void result_discriminant(void) { raw_exit(2); }
static void enum_discriminant(void) { raw_create(2, RESULT); }
static void variant_discriminant(void) { raw_start_bind(socket_handle(), network(), 9, 0, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, RESULT); }
static void method_enum_discriminant(void) { raw_shutdown(socket_handle(), 3, RESULT); }

// What cabi_realloc answers.
static void realloc_out_of_bounds(void) {
  arena_forge(end_of_memory() - 2);
  raw_random(16, RESULT);
}
static void realloc_unaligned(void) {
  arena_forge(RESULT + 1);
  raw_get_arguments(RESULT);
}

// Rules of WASI.
static void empty_poll(void) { raw_poll(RESULT, 0, RESULT); }
static void too_many_zeroes(void) { raw_zeroes_flushed(output(), 4097, RESULT); }
static void too_long_write(void) {
  static uint8_t bytes[4097];
  raw_write_flushed(output(), (uint32_t)(uintptr_t)bytes, sizeof bytes, RESULT);
}

static const struct {
  const char *name;
  void (*run)(void);
} cases[] = {
  {"unknown-handle", unknown_handle},
  {"zero-handle", zero_handle},
  {"negative-handle", negative_handle},
  {"wrong-type", wrong_type},
  {"dropped-handle", dropped_handle},
  {"double-drop", double_drop},
  {"forged-in-list", forged_in_list},
  {"parent-before-child", parent_before_child},
  {"list-out-of-bounds", list_out_of_bounds},
  {"list-straddles-end", list_straddles_end},
  {"list-unaligned", list_unaligned},
  {"list-length-wraps", list_length_wraps},
  {"bytes-out-of-bounds", bytes_out_of_bounds},
  {"bytes-negative", bytes_negative},
  {"bytes-length", bytes_length},
  {"result-out-of-bounds", result_out_of_bounds},
  {"result-unaligned", result_unaligned},
  {"string-out-of-bounds", string_out_of_bounds},
  {"string-not-utf8", string_not_utf8},
  {"result-discriminant", result_discriminant},
  {"enum-discriminant", enum_discriminant},
  {"variant-discriminant", variant_discriminant},
  {"method-enum-discriminant", method_enum_discriminant},
  {"realloc-out-of-bounds", realloc_out_of_bounds},
  {"realloc-unaligned", realloc_unaligned},
  {"empty-poll", empty_poll},
  {"too-many-zeroes", too_many_zeroes},
  {"too-long-write", too_long_write},
};

bool exports_wasi_cli_run_run(void) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (argument_is(1, cases[i].name)) {
      cases[i].run();
      return print("survived");
    }
  print_error("forge: no such case");
  return false;
}
