/** -W, --wasm: how WebAssembly runs. The engine decides which proposals there are; few can be turned off. */
import { always, type Group, key, lacking, unused } from "./group.ts";
import { bool, duration, u64, usize } from "./value.ts";

/** A proposal that the engines have, or those of `where`: it can be asked for, and not be turned off. */
const proposal = (doc: string, where?: string) => {
  const have = where === undefined ? "always on" : `on with ${where}; elsewhere what uses it is refused`;
  return always(bool, `${doc} (${have})`, "cannot be turned off: the engine always has it");
};

/** The same for one that is instructions alone: turned off, what uses it is refused. */
const refusable = (doc: string, where?: string) => {
  const have = where === undefined ? "always on" : `on with ${where}`;
  return key(bool, `${doc} (${have}; what uses it is refused with =n)`);
};

/** A proposal that the linker or the engines refuse. */
const off = (doc: string) => key(bool, `${doc}: what uses it is refused`);

export const wasm = {
  short: "W",
  long: "wasm",
  doc: "Limits, and proposals to WebAssembly",
  keys: {
    "nan-canonicalization": lacking(bool, "One bit pattern for every NaN"),
    fuel: lacking(u64, "Stop after so many units of work"),
    "epoch-interruption": lacking(bool, "Stop at an epoch's end"),
    "max-wasm-stack": unused(usize, "Bytes of stack, for which the engine has a limit of its own"),
    "async-stack-size": unused(usize, "Bytes of stack of an async call"),
    "async-stack-zeroing": unused(bool, "Clear stacks before use"),
    "unknown-exports-allow": key(bool, "For core modules: run those that export what commands may not (always on)"),
    "unknown-imports-trap": key(bool, "Trap when an import that nobody provides is called"),
    "unknown-imports-default": key(bool, "For core modules: answer zero from imports that nobody provides"),
    wmemcheck: lacking(bool, "Check the guest's memory use"),
    "max-memory-size": key(usize, "Bytes that one memory may grow to"),
    "max-table-elements": key(usize, "Elements that one table may grow to"),
    "max-instances": key(usize, "Core instances that there may be (default: 10,000)"),
    "max-tables": key(usize, "Tables that core instances may define (default: 10,000)"),
    "max-memories": key(usize, "Memories that core instances may define (default: 10,000)"),
    "trap-on-grow-failure": key(bool, "Trap when a memory or table cannot grow"),
    timeout: key(duration, "End the guest after this time, as a trap does"),
    "all-proposals": proposal("Every proposal that the engine has"),
    "bulk-memory": proposal("Bulk memory operations"),
    "multi-memory": proposal("More than one memory"),
    "multi-value": proposal("More than one result"),
    "reference-types": proposal("Reference types"),
    simd: proposal("128-bit vectors"),
    "relaxed-simd": refusable("Relaxed vectors"),
    "relaxed-simd-deterministic": key(
      bool,
      "Relaxed vectors with one result on every machine: what uses any is refused",
    ),
    "tail-call": refusable("Tail calls"),
    threads: proposal("Atomics and shared memories"),
    "shared-memory": proposal("Shared memories"),
    "shared-everything-threads": off("Shared everything"),
    memory64: proposal("64-bit memories", "Node and Deno"),
    "component-model": key(bool, "Components: without it they are refused"),
    "component-model-async": key(bool, "Async in components (default: y): without it what uses it is refused"),
    "component-model-more-async-builtins": key(bool, "Reads and writes that wait, cancels that do not (always on)"),
    "component-model-async-stackful": key(bool, "Async in components without callbacks (always on)"),
    "component-model-threading": key(
      bool,
      "Cooperative threads in components (default: n): without it they are refused",
    ),
    "component-model-error-context": key(
      bool,
      "error-context in components (default: n): without it what uses it is refused",
    ),
    "component-model-gc": off("Garbage-collected values in components"),
    "component-model-map": off("Maps in components"),
    "component-model-memory64": off("64-bit memories in components"),
    "function-references": proposal("Typed function references"),
    "stack-switching": off("Stack switching"),
    gc: proposal("Garbage-collected types"),
    "custom-page-sizes": off("Page sizes other than 64 KiB"),
    "wide-arithmetic": refusable("128-bit arithmetic", "Bun and the standalone binary"),
    "branch-hinting": unused(bool, "Branch hints"),
    "extended-const": proposal("Extended constant expressions"),
    exceptions: proposal("Exceptions"),
    "gc-support": unused(bool, "A garbage collector at all"),
    "component-model-fixed-length-lists": key(bool, "Lists of fixed length"),
    "component-model-implements": off("Imports that implement an interface"),
    "concurrency-support": key(
      bool,
      "Concurrency in the engine (default: y): async in components and WASI 0.3 need it",
    ),
  },
} as const satisfies Group;
