import { UnsupportedRuntime } from "../../../machine/unsupported-runtime.ts";
import type { Ffi } from "./ffi.ts";
import { linux } from "./linux.ts";
import { macos } from "./macos.ts";
import type { Os } from "./os.ts";

/** What a machine of the posix family is made of: how libc is called, and whose libc it is. */
export interface Platform {
  readonly ffi: Ffi;
  readonly os: Os;
}

/**
 * @param platform as `process.platform` says it
 * @param arch as `process.arch` says it
 * @throws UnsupportedRuntime where there is no table for them
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
