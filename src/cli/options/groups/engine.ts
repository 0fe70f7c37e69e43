/**
 * -O, -C, -D and -R: wasmtime's compiler, its cache, its debugger, its recorder. Pollux runs on another engine; what a guest
 * cannot see is accepted without effect, the rest is refused.
 */
import { type Group, key, lacking, list, unused } from "./group.ts";
import { bool, choice, enabled, type Kind, path, string, u32, u64, usize, ValueError } from "./value.ts";

export const optimize = {
  short: "O",
  long: "optimize",
  doc: "Settings of wasmtime's optimizer: accepted, all but opt-level without effect",
  keys: {
    "opt-level": key(
      choice(["0", "1", "2", "s"], (wrong) => `unknown optimization level \`${wrong}\`, only 0,1,2,s accepted`),
      "0: start as fast as can be; 2: run for long as fast as can be; 1 and s: as without it",
    ),
    "regalloc-algorithm": unused(
      choice(
        ["backtracking", "single-pass"],
        (wrong) => `unknown regalloc algorithm\`${wrong}\`, only backtracking,single-pass accepted`,
      ),
      "Register allocator",
    ),
    "memory-may-move": unused(bool, "Memories may move as they grow"),
    "memory-reservation": unused(u64, "Bytes of address space a memory"),
    "memory-reservation-for-growth": unused(u64, "Bytes of address space to grow into"),
    "memory-guard-size": unused(u64, "Bytes of guard behind a memory"),
    "gc-heap-may-move": unused(bool, "Collected heaps may move"),
    "gc-heap-reservation": unused(u64, "Bytes of address space a collected heap"),
    "gc-heap-reservation-for-growth": unused(u64, "Bytes of address space it grows into"),
    "gc-heap-guard-size": unused(u64, "Bytes of guard behind it"),
    "gc-heap-initial-size": unused(u64, "Bytes it starts with"),
    "guard-before-linear-memory": unused(bool, "A guard before memories too"),
    "table-lazy-init": unused(bool, "Fill tables when they are used"),
    "pooling-allocator": unused(bool, "Take instances from a pool"),
    "pooling-decommit-batch-size": unused(usize, "Pool: slots released at once"),
    "pooling-memory-keep-resident": unused(usize, "Pool: bytes of a memory kept"),
    "pooling-table-keep-resident": unused(usize, "Pool: bytes of a table kept"),
    "pooling-memory-protection-keys": unused(enabled, "Pool: memory protection keys"),
    "pooling-max-memory-protection-keys": unused(usize, "Pool: protection keys used"),
    "memory-init-cow": unused(bool, "Copy-on-write memory images"),
    "memory-guaranteed-dense-image-size": unused(u64, "Bytes up to which an image is dense"),
    "pooling-total-core-instances": unused(u32, "Pool: core instances"),
    "pooling-total-component-instances": unused(u32, "Pool: component instances"),
    "pooling-total-memories": unused(u32, "Pool: memories"),
    "pooling-total-tables": unused(u32, "Pool: tables"),
    "pooling-total-stacks": unused(u32, "Pool: stacks"),
    "pooling-max-memory-size": unused(usize, "Pool: bytes a memory"),
    "pooling-table-elements": unused(usize, "Pool: elements a table"),
    "pooling-max-core-instance-size": unused(usize, "Pool: bytes a core instance"),
    "pooling-max-unused-warm-slots": unused(u32, "Pool: warm slots kept"),
    "pooling-async-stack-keep-resident": unused(usize, "Pool: bytes of a stack kept"),
    "pooling-max-component-instance-size": unused(usize, "Pool: bytes a component instance"),
    "pooling-max-core-instances-per-component": unused(u32, "Pool: core instances a component"),
    "pooling-max-memories-per-component": unused(u32, "Pool: memories a component"),
    "pooling-max-tables-per-component": unused(u32, "Pool: tables a component"),
    "pooling-max-tables-per-module": unused(u32, "Pool: tables a module"),
    "pooling-max-memories-per-module": unused(u32, "Pool: memories a module"),
    "pooling-total-gc-heaps": unused(u32, "Pool: collected heaps"),
    "signals-based-traps": unused(bool, "Find traps by signals"),
    "dynamic-memory-guard-size": unused(u64, "Old name of memory-guard-size"),
    "static-memory-guard-size": unused(u64, "Old name of memory-guard-size"),
    "static-memory-forced": unused(bool, "Memories never move"),
    "static-memory-maximum-size": unused(u64, "Old name of memory-reservation"),
    "dynamic-memory-reserved-for-growth": unused(u64, "Old name of memory-reservation-for-growth"),
    "pooling-pagemap-scan": unused(enabled, "Pool: ask the kernel for dirty pages"),
    "gc-zeal-alloc-counter": unused(u32, "Collect after so many allocations"),
  },
} as const satisfies Group;

const inliningWords = ["yes", "no", "gc", "inter-module", "intrinsics"];
const inlining: Kind<string> = {
  hint: "[=y|n|gc|inter-module|intrinsics]",
  words: inliningWords,
  toml: "&str, u64, or i64",
  parse(text = "yes") {
    const word = { y: "yes", n: "no", true: "yes", false: "no" }[text] ?? text;
    if (inliningWords.includes(word)) return word;
    const known = inliningWords.join();
    throw new ValueError(`invalid intra-module inlining option string: \`${text}\`, only ${known} accepted`);
  },
};

export const codegen = {
  short: "C",
  long: "codegen",
  doc: "The cache, and settings of wasmtime's compiler: those are accepted, without effect",
  prefix: "cranelift-",
  keys: {
    compiler: unused(
      choice(
        ["winch", "cranelift"],
        (wrong) => `unknown compiler \`${wrong}\` only \`cranelift\` and \`winch\` accepted`,
      ),
      "Compiler",
    ),
    collector: unused(
      choice(
        ["drc", "null", "copying"],
        (wrong) => `unknown collector \`${wrong}\` only \`drc\`, \`null\`, and \`copying\` accepted`,
      ),
      "Garbage collector",
    ),
    "cranelift-debug-verifier": unused(bool, "Check the compiler's intermediate code"),
    cache: key(bool, "Keep on disk what was read of components (by the standalone binary)"),
    "cache-config": unused(string, "wasmtime's settings of its cache, which are checked"),
    "parallel-compilation": unused(bool, "Compile on all processors"),
    "native-unwind-info": unused(bool, "Unwind tables for native debuggers"),
    inlining: unused(inlining, "Inlining"),
    "metadata-for-internal-asserts": unused(bool, "Tables for wasmtime's own checks"),
    "metadata-for-gc-heap-corruption": unused(bool, "Tables for the collector's checks"),
  },
} as const satisfies Group;

export const debug = {
  short: "D",
  long: "debug",
  doc: "Debugging: symbols and logs are accepted without effect",
  keys: {
    "debug-info": unused(bool, "Debug information of the guest for native debuggers"),
    "guest-debug": lacking(bool, "Debug the guest"),
    "address-map": unused(bool, "Map compiled code to the module's"),
    logging: unused(bool, "wasmtime's log"),
    "log-to-files": unused(bool, "wasmtime's log, in files"),
    coredump: key(string, "Write a core dump when the guest traps: a warning says that there is none"),
    debugger: lacking(path, "A component that debugs the guest"),
    arg: list(string, "An argument of the debugger"),
    "inherit-stdin": unused(bool, "Standard input of the debugger"),
    "inherit-stdout": unused(bool, "Standard output of the debugger"),
    "inherit-stderr": unused(bool, "Standard error of the debugger"),
    "max-backtrace": key(usize, "Frames of a trap that are printed (default: 20)"),
    symbols: unused(bool, "Symbols of compiled code"),
  },
} as const satisfies Group;

export const record = {
  short: "R",
  long: "record",
  doc: "Record the run, to replay it",
  keys: {
    path: lacking(string, "Where the recording goes"),
    "validation-metadata": unused(bool, "Record what a replay is checked with"),
    "event-window-size": unused(usize, "Events held back before they are written"),
  },
} as const satisfies Group;
