/** Demangles the names of Rust functions as the crate rustc-demangle does, and so wasmtime. */
import { readLegacy } from "./legacy.ts";
import { Output } from "./output.ts";
import { readV0 } from "./v0.ts";

/** The suffix that LLVM adds to a function that it makes visible to another module. */
const LLVM_SUFFIX = ".llvm.";

/** `<vendor-specific-suffix>`, in printable ASCII. */
const SUFFIX = /^(?:\.[!-~]*)?$/;

/**
 * Returns the demangled name, or `name` itself unless one of Rust's manglings made it.
 *
 * @param name of any origin: it is read 500 productions deep, and at most 1,000,000 bytes are printed
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
