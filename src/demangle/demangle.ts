/** Names of functions as Rust's programmers wrote them, as the crate rustc-demangle, and so wasmtime, tells them. */
import { readLegacy } from "./legacy.ts";
import { Output } from "./output.ts";
import { readV0 } from "./v0.ts";

/** What LLVM puts after the name of a function that it makes known to another module. */
const LLVM_SUFFIX = ".llvm.";

/** `<vendor-specific-suffix>`, in what ASCII prints. */
const SUFFIX = /^(?:\.[!-~]*)?$/;

/**
 * @param name Of any origin: it is read 500 productions deep, and what is printed of it has 1,000,000 bytes at most.
 * @returns The same, unless one of Rust's manglings made it.
 */
export function demangle(name: string): string {
  const symbol = withoutLlvmSuffix(name);
  const mangled = readLegacy(symbol) ?? readV0(symbol);
  if (!mangled || !SUFFIX.test(mangled.suffix)) return name;
  const output = new Output();
  mangled.print(output);
  return output.text + mangled.suffix;
}

function withoutLlvmSuffix(name: string): string {
  const start = name.indexOf(LLVM_SUFFIX);
  const unique = name.slice(start + LLVM_SUFFIX.length);
  return start >= 0 && /^[0-9A-F@]*$/.test(unique) ? name.slice(0, start) : name;
}
