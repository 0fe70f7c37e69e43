import { UnsupportedRuntime } from "../../../machine/unsupported-runtime.ts";
import type { Ffi } from "./ffi.ts";
import { linux } from "./linux.ts";
import { macos } from "./macos.ts";
import type { Os } from "./os.ts";

/** A machine of the posix family is made from a runtime's FFI and an OS. */
export interface Platform {
  readonly ffi: Ffi;
  readonly os: Os;
}

/**
 * Returns the tables of an operating system.
 *
 * @param platform as `process.platform`
 * @param arch as `process.arch`
 * @throws UnsupportedRuntime if there is no table for them
 */
export function findOs(platform: string, arch: string): Os {
  if (arch === "x64" || arch === "arm64") {
    if (platform === "linux") return linux(arch);
    if (platform === "darwin") return macos;
  }
  throw new UnsupportedRuntime(
    `Pollux has no system call table for ${platform} on ${arch} yet: use Linux or macOS on x64 or arm64`,
  );
}
