/** A row of the matrix: one way to use an option, and what every host must make of it. */
import type { Host } from "../e2e/host.ts";

/** What a stream has: all of it, or something like it. */
export type Text = string | RegExp;

export interface Expected {
  /** `works`: its effect is seen. `refused`: one message says why not, or what to use instead. */
  readonly verdict: "works" | "refused";
  /** The exit status, or the signal that ends the process. */
  readonly end: number | NodeJS.Signals;
  readonly stdout: Text;
  readonly stderr: Text;
}

export interface Row {
  /** As `optionsOf` names it (options.ts). */
  readonly option: string;
  /** Pollux's command line. */
  readonly words: readonly string[];
  readonly expected: Expected;
  /** Accepted, without effect on a plain run: many such may be given at once. */
  readonly plain?: true;
  /** Hosts on which it is otherwise, and why. */
  readonly otherwise?: { readonly on: (host: Host) => boolean; readonly because: string; readonly expected: Expected };
  /** All of stdin; in a terminal it is typed. Without it, stdin is empty, and nothing is typed. */
  readonly input?: string;
  /** Ctrl-C, or SIGINT, comes when this is shown. */
  readonly interruptAt?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it is handed a listening socket as its descriptor 3, which terminals cannot do. */
  readonly listener?: true;
  /** A file that it writes, and what then stands there. */
  readonly writes?: { readonly path: string; readonly text: RegExp };
}

/** Its command line, for people. */
export function rowName({ words, env }: Row): string {
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value} `);
  const short = words.map((word) => word.replace(/^.*\/([^/]+)$/, "$1"));
  return `${variables.join("")}pollux ${short.join(" ")}`;
}

export function works(stdout: Text = "", { end = 0, stderr = "" }: Partial<Expected> = {}): Expected {
  return { verdict: "works", end, stdout, stderr };
}

/** With a message of one line, or one that is matched. */
export function refused(message: Text, end = 1): Expected {
  const stderr = typeof message === "string" ? `Error: ${message}\n` : message;
  return { verdict: "refused", end, stdout: "", stderr };
}

/** A message and its one cause, as `Failure` prints them. */
export function caused(message: string, cause: string): Expected {
  return refused(new RegExp(`^Error: ${literally(message)}\n\nCaused by:\n {4}${literally(cause)}\n`, "m"));
}

export function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

export function expectedOn(host: Host, { expected, otherwise }: Row): Expected {
  return otherwise?.on(host) === true ? otherwise.expected : expected;
}

/** No FFI: neither libc's sockets nor its files. */
export const withoutFfi = (host: Host): boolean => host.evented === true;

/** Whatever it is for, the permission is named. */
export function needsPermission(name: "env" | "run" | "write"): Expected {
  return refused(new RegExp(`^Error: .*needs --allow-${name} of Deno \\(or -A\\)$`, "m"));
}

/** Deno with --allow-net and --allow-read. */
export const fewPermissions = (host: Host): boolean => withoutFfi(host) && host.name.startsWith("deno");
