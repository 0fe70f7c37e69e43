/**
 * Deno takes V8's flags only when it starts. A guest therefore makes it start once more, in the same process: execve(2)
 * keeps the process id, the file descriptors and the command line. That costs an empty Deno's start, before anything
 * else is loaded, and halves the time of a guest that computes (see `v8-flags.ts`).
 *
 * This is an optimisation: without the permissions, or on another OS, Deno continues as it started.
 */
import { pointers, splitStrings, terminated } from "./process/exec.ts";
import { granted } from "./process/granted.ts";
import { allFlags, flagsFor } from "./v8-flags.ts";

const V8_FLAGS_VARIABLE = "DENO_V8_FLAGS";
const ours = allFlags.map((flags) => flags.join(","));

/** Starts Deno again with V8's flags for the guest. @param args the command line, without the runtime and the script */
export function startTuned(args: readonly string[]): void {
  if (Deno.build.os !== "linux" || !allowed()) return;
  const given = Deno.env.get(V8_FLAGS_VARIABLE);
  // A guest that inherits the environment gets the one that Pollux was started with.
  if (given !== undefined && ours.includes(given)) Deno.env.delete(V8_FLAGS_VARIABLE);
  if (given !== undefined) return;
  const sizes = args.map(sizeOf).filter((size) => size > 0);
  if (sizes.length === 0) return;
  const level = args.join("\n").match(/opt-level=([0-2])/)?.[1];
  const flags = flagsFor(
    sizes.reduce((sum, size) => sum + size, 0),
    level,
  ).join(",");
  if (flags === "") return;
  const argv = readStrings("/proc/self/cmdline");
  if (argv.some((word) => decoder.decode(word).startsWith("--v8-flags"))) return;
  execute(argv, [...readStrings("/proc/self/environ"), terminated(`${V8_FLAGS_VARIABLE}=${flags}`)]);
}

/** Returns whether all permissions are granted: Deno requires them before it opens files of /proc/self. */
function allowed(): boolean {
  const names = ["read", "write", "net", "env", "sys", "run", "ffi"] as const;
  return names.every((name) => granted({ name }));
}

/**
 * Returns the size in bytes of the file that a word of the command line seems to name (`--preload NAME=FILE`). A wrong
 * guess only costs time.
 */
function sizeOf(word: string): number {
  if (!word.endsWith(".wasm")) return 0;
  try {
    return Deno.statSync(word.slice(word.indexOf("=") + 1)).size;
  } catch {
    // The run itself will report what is wrong with the path.
    return 0;
  }
}

const decoder = new TextDecoder();

function readStrings(file: string): Uint8Array<ArrayBuffer>[] {
  return splitStrings(Deno.readFileSync(file));
}

/** execve(2): returns only if it failed. */
function execute(argv: readonly Uint8Array<ArrayBuffer>[], envp: readonly Uint8Array<ArrayBuffer>[]): void {
  const libc = Deno.dlopen("libc.so.6", { execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" } });
  const address = (bytes: Uint8Array<ArrayBuffer>) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  libc.symbols.execve(terminated(Deno.execPath()), pointers(argv, address), pointers(envp, address));
  libc.close();
}
