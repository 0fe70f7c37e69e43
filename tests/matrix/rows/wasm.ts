/** -W. */
import { caused, literally, type Row, refused, withoutFfi, works } from "../row.ts";
import { accepted, always, lacking } from "./by-kind.ts";
import { HELLO, hello, type Places, runs } from "./places.ts";

/** The last of an error's causes. */
const ends = (cause: string) =>
  new RegExp(`^Error: failed to run main module [^]*^ +(?:\\d: )?${literally(cause)}$`, "m");

const missing = refused(ends("unknown import: `a::f` has not been defined"));

const TIMED_OUT = "Error: timed out after deadline has elapsed\n\nCaused by:\n    wasm trap: interrupt\n\n";

export function wasmRows({ guests }: Places): Row[] {
  const { loop, module, two, unknown } = guests;
  return [
    ...accepted(
      "W",
      "async-stack-zeroing shared-everything-threads component-model component-model-async " +
        "component-model-more-async-builtins component-model-async-stackful component-model-threading " +
        "component-model-error-context component-model-gc component-model-map component-model-memory64 stack-switching " +
        "custom-page-sizes branch-hinting gc-support component-model-fixed-length-lists component-model-implements",
    ).filter(({ words }) => !words.includes("-Wcomponent-model=n")),
    ...lacking("W", "nan-canonicalization fuel epoch-interruption wmemcheck"),
    ...always(
      "W",
      "all-proposals bulk-memory multi-memory multi-value reference-types simd threads shared-memory " +
        "memory64 function-references gc extended-const exceptions",
    ),
    ...refusable("relaxed-simd", [guests.relaxed], "relaxed SIMD"),
    ...refusable("tail-call", [guests.tail], "tail calls"),
    runs("-W wide-arithmetic", "-Wwide-arithmetic", hello, works(HELLO)),
    runs("-W wide-arithmetic", "-Wwide-arithmetic=n", hello, works(HELLO)),
    runs("-W relaxed-simd-deterministic", "-Wrelaxed-simd-deterministic", hello, works(HELLO)),
    runs("-W relaxed-simd-deterministic", "-Wrelaxed-simd-deterministic=n", [guests.relaxed], works()),
    runs(
      "-W relaxed-simd-deterministic",
      "-Wrelaxed-simd-deterministic",
      [guests.relaxed],
      refused("-W relaxed-simd-deterministic is not supported for what uses relaxed SIMD"),
    ),
    runs(
      "-W trap-on-grow-failure",
      "-Wtrap-on-grow-failure,max-memory-size=65536",
      [guests.grow],
      works("", { end: 1, stderr: ends("forcing trap when growing memory to 131072 bytes") }),
    ),
    runs("-W trap-on-grow-failure", "-Wtrap-on-grow-failure=n,max-memory-size=65536", [guests.grow], works()),
    runs(
      "-W component-model",
      "-Wcomponent-model=n",
      hello,
      refused("cannot execute a component without `--wasm component-model`"),
    ),
    runs("-W component-model", "-Wcomponent-model=n", [module], works()),
    runs("-W concurrency-support", "-Wconcurrency-support", hello, works(HELLO)),
    runs(
      "-W concurrency-support",
      "-Wconcurrency-support=n",
      hello,
      caused("failed to link `wasi:cli@0.3.x`", "concurrent host functions require `Config::concurrency_support`"),
    ),

    runs("-W max-wasm-stack", "-Wmax-wasm-stack=1_000_000", hello, works(HELLO)),
    runs("-W max-wasm-stack", "-Wmax-wasm-stack=0", hello, refused("max_wasm_stack size cannot be zero")),
    runs("-W async-stack-size", "-Wasync-stack-size=524288", hello, works(HELLO)),
    runs(
      "-W async-stack-size",
      "-Wasync-stack-size=1",
      hello,
      refused("max_wasm_stack size cannot exceed the async_stack_size"),
    ),

    runs("-W unknown-exports-allow", "-Wunknown-exports-allow", [module], works()),
    runs("-W unknown-exports-allow", "-Wunknown-exports-allow=n", [module], works()),
    runs(
      "-W unknown-exports-allow",
      "-Wunknown-exports-allow",
      hello,
      refused("--allow-unknown-exports not supported with components"),
    ),
    runs("-W unknown-imports-trap", "-Wunknown-imports-trap", hello, works(HELLO)),
    runs("-W unknown-imports-trap", "-Wunknown-imports-trap=n", [unknown], missing),
    runs(
      "-W unknown-imports-trap",
      "-Wunknown-imports-trap",
      [unknown],
      works("", { end: 1, stderr: ends("unknown import: `a::f` has not been defined") }),
    ),
    runs("-W unknown-imports-default", "-Wunknown-imports-default", [unknown], works()),
    runs("-W unknown-imports-default", "-Wunknown-imports-default=n", [unknown], missing),
    runs(
      "-W unknown-imports-default",
      "-Wunknown-imports-default",
      hello,
      refused(ends("cannot use `--default-values-unknown-imports` with components")),
    ),

    ...limits("max-memory-size", [module], 131072, "memory minimum size of 2 pages exceeds memory limits"),
    ...limits("max-table-elements", [module], 2, "table minimum size of 2 elements exceeds table limits"),
    ...limits("max-instances", [two], 1, "resource limit exceeded: instance count too high at 1"),
    ...limits("max-tables", [two], 2, "resource limit exceeded: table count too high at 2"),
    ...limits("max-memories", [two], 2, "resource limit exceeded: memory count too high at 2"),

    runs("-W timeout", "-Wtimeout=1000s", hello, works(HELLO)),
    runs("-W timeout", "-Wtimeout=50ms", [loop], works("", { end: 134, stderr: TIMED_OUT }), {
      otherwise: {
        on: withoutFfi,
        because: "without FFI nothing but a signal ends a busy process: the one that 134 stands for",
        expected: works("", { end: "SIGABRT", stderr: TIMED_OUT }),
      },
    }),
  ];
}

/** A proposal that may be turned off: what uses it is refused then. */
function refusable(name: string, guest: readonly string[], words: string): Row[] {
  const refusal = new RegExp(`^Error: failed to compile: [^]*${words} support is not enabled$`, "m");
  return [
    runs(`-W ${name}`, `-W${name}`, guest, works()),
    runs(`-W ${name}`, `-W${name}=n`, hello, works(HELLO)),
    runs(`-W ${name}`, `-W${name}=n`, guest, refused(refusal)),
  ];
}

/** A limit that is just enough, and one less. */
function limits(name: string, guest: readonly string[], enough: number, words: string): Row[] {
  return [
    runs(`-W ${name}`, `-W${name}=${enough}`, guest, works()),
    runs(`-W ${name}`, `-W${name}=${enough - 1}`, guest, works("", { end: 1, stderr: ends(words) })),
  ];
}
