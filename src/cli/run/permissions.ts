/**
 * A runtime with permissions (Deno) asks for one that it was not given when it is first needed, on a terminal: in the middle of a
 * run, of somebody who typed a whole command line. So what is needed, and nothing can replace, is looked at before, and what is
 * missing is named in a sentence. Loaded only there.
 */
import type { Settings } from "../options/settings.ts";
import { Failure, quoted } from "../output/failure.ts";

export type PermissionName = "env" | "ffi" | "read" | "run" | "sys" | "write";

/** Whether the runtime lets Pollux do something, without asking anybody. @param of A path, or a variable; absent: all */
export type Permits = (name: PermissionName, of?: string) => boolean;

/** Something to be done, and the permission that it takes. */
export type Need = readonly [what: string, name: PermissionName, of?: string];

/** @param permits Undefined: everything is permitted. @throws Failure for the first that is not granted */
export function demand(permits: Permits | undefined, needs: readonly Need[]): void {
  const missing = permits && needs.find(([, name, of]) => !permits(name, of));
  if (missing === undefined) return;
  const [what, name] = missing;
  throw new Failure(`${what} needs --allow-${name} of Deno (or -A)`);
}

export function toRead(path: string): Need {
  return [`reading ${quoted(path)}`, "read", path];
}

/** For a unix socket: its file is looked at, and removed at the end. */
export function toListenAt(path: string): readonly Need[] {
  return [toRead(path), [`listening on ${quoted(path)}`, "write", path]];
}

/**
 * For a run, whose `--config` has been read.
 *
 * @param file The guest's; `-` is standard input, for which nothing is needed.
 * @throws as `demand`
 */
export function checkRun(given: Settings, file: string, permits: Permits | undefined): void {
  const { codegen, wasi, env, preloads, dirs, traceFile, watch } = given;
  const cacheConfig = codegen.cache === false ? undefined : codegen["cache-config"];
  const files = [file === "-" ? undefined : file, cacheConfig, ...preloads.map(({ path }) => path)];
  const variables = env.flatMap(([name, value]) => (value === undefined ? [name] : []));
  demand(permits, [
    ...files.flatMap((path) => (path === undefined ? [] : [toRead(path)])),
    ...variables.map((name): Need => [`--env ${name}`, "env", name]),
    ...(wasi["inherit-env"] === true ? needs("-Sinherit-env", "env") : []),
    ...(wasi.listenfd === true ? listenVariables.map((name): Need => ["-Slistenfd", "env", name]) : []),
    ...(traceFile === undefined ? [] : needs("--trace-file", "write", traceFile)),
    ...(dirs.length === 0 ? [] : needs("--dir", "ffi")),
    // A process of its own, with the same flags and environment, which /proc/self tells to who may do everything.
    ...(watch === undefined ? [] : everything.map((name): Need => ["--watch", name])),
  ]);
}

function needs(...need: Need): readonly Need[] {
  return [need];
}

const everything: readonly PermissionName[] = ["run", "env", "ffi", "read", "sys", "write"];

/** sd_listen_fds(3) */
const listenVariables = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];
