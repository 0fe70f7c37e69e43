import { spawnSync } from "node:child_process";
import type { Host } from "../e2e/host.ts";

const { stdout } = spawnSync("wasmtime", ["--version"], { encoding: "utf8" });
const version = (stdout ?? "").trim();

/** The command on PATH, if it is version 48. */
export const wasmtime: Host = {
  name: version || "wasmtime",
  command: ["wasmtime"],
  skip: version.startsWith("wasmtime 48.") ? false : "no wasmtime 48 on PATH",
};
