/** The machines that have a package with the standalone binary, by the names of their packages. */
import { join } from "node:path";
import process from "node:process";

export const root = join(import.meta.dirname, "..");
export const dist = join(root, "dist");

/** The machine that builds. (Who builds on musl builds for it under glibc's name: nobody does.) */
export const here = `${process.platform}-${process.arch}`;

export interface Target {
  /** As npm names them: what a package's `os`, `cpu` and `libc` say. */
  readonly os: string;
  readonly cpu: string;
  readonly libc?: "glibc" | "musl";
  /** As Bun names the machine. */
  readonly bun: Bun.Build.CompileTarget;
  /** How far the binary has been tried. The suite runs on the machine that it runs on, with Bun's runtime for that. */
  readonly tried: string;
}

export const targets: Readonly<Record<string, Target>> = {
  "linux-x64": {
    os: "linux",
    cpu: "x64",
    libc: "glibc",
    bun: "bun-linux-x64",
    tried: "tested: the whole suite runs on it",
  },
  "linux-arm64": {
    os: "linux",
    cpu: "arm64",
    libc: "glibc",
    bun: "bun-linux-arm64",
    tried: "not tested by the suite; the behaviour guests passed in qemu, save for files",
  },
  "linux-x64-musl": {
    os: "linux",
    cpu: "x64",
    libc: "musl",
    bun: "bun-linux-x64-musl",
    tried: "never run (needs musl's libstdc++: apk add libstdc++)",
  },
  "linux-arm64-musl": {
    os: "linux",
    cpu: "arm64",
    libc: "musl",
    bun: "bun-linux-arm64-musl",
    tried: "never run (needs musl's libstdc++: apk add libstdc++)",
  },
  "darwin-x64": { os: "darwin", cpu: "x64", bun: "bun-darwin-x64", tried: "never run" },
  "darwin-arm64": { os: "darwin", cpu: "arm64", bun: "bun-darwin-arm64", tried: "never run" },
  "win32-x64": {
    os: "win32",
    cpu: "x64",
    bun: "bun-windows-x64",
    tried: "never run (the runtime's own sockets alone: --net=evented)",
  },
};

/** Where a machine's binary is made. */
export function binaryOf(platform: string): string {
  return join(platform === here ? dist : join(dist, "binaries", platform), executable(platform));
}

export function executable(platform: string): string {
  return platform.startsWith("win32-") ? "pollux.exe" : "pollux";
}
