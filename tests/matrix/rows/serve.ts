/** `pollux serve`, and its own options. Each server is ended by Ctrl-C once it listens. */
import { guestFile } from "../../e2e/host.ts";
import { literally, type Row, refused, withoutFfi, works } from "../row.ts";
import { hello, type Places } from "./places.ts";

const SERVING = "Serving HTTP on ";
const server = guestFile("http/server");

/** Ended, it is content. */
const SERVED = works("", { stderr: /^Serving HTTP on /m });

/** A server with the options, parted by spaces. */
function serves(option: string, words: string, more: Partial<Row> = {}): Row {
  const given = words === "" ? [] : words.split(" ");
  const row = { option: `serve ${option}`, words: ["serve", "--addr=127.0.0.1:0", ...given, server] };
  return { ...row, expected: SERVED, interruptAt: SERVING, ...more };
}

/** An option with a value that it cannot have. */
function wrong(option: string, value: string, placeholder: string, why: string): Row {
  const text = `error: invalid value '${value}' for '${option} <${placeholder}>': ${why}\n`;
  return {
    option: `serve ${option}`,
    words: ["serve", option, value, server],
    expected: refused(new RegExp(`^${literally(text)}`, "m"), 2),
  };
}

const counts = ["max-concurrent-requests", "max-concurrent-connections", "max-instance-reuse-count"].concat(
  "max-instance-concurrent-reuse-count",
);
const sizes: readonly (readonly [string, string])[] = [
  ["max-headers", "N"],
  ["max-header-size", "BYTES"],
  ["max-body-size", "BYTES"],
];
const times: readonly (readonly [string, string])[] = [
  ["idle-instance-timeout", "IDLE_INSTANCE_TIMEOUT"],
  ["idle-timeout", "DURATION"],
  ["header-timeout", "DURATION"],
  ["grace-period", "DURATION"],
];

export function serveRows({ directory, guests }: Places): Row[] {
  const socket = `${directory}/socket`;
  const noSyntax = "invalid socket address syntax";
  const row = (option: string, words: readonly string[], expected: Row["expected"]): Row => ({
    option,
    words,
    expected,
  });
  return [
    row("serve", ["serve", "none.wasm"], refused(/^Error: failed to open wasm module "none.wasm"\n/m)),
    row("serve", ["serve", guests.module], refused("The serve command currently requires a component")),
    row(
      "serve",
      ["serve", ...hello],
      refused(
        /^Error: no exported instance named `wasi:http\/incoming-handler@0\.2\.12`\nhint: .* is a command: run it with `pollux run`$/m,
      ),
    ),
    row("serve", ["serve"], refused(/^error: the following required arguments were not provided:\n {2}<WASM>\n/m, 2)),
    row("serve", ["serve", server, "argument"], refused(/^error: unexpected argument 'argument' found\n/m, 2)),
    row("serve", ["serve", "--invoke=f()", server], refused(/^error: unexpected argument '--invoke' found\n/m, 2)),
    row("serve", ["serve", "-Shttp=n", server], refused(/^Error: wasi-http is required for the serve command, /m)),
    { ...serves("--addr", ""), option: "serve" },
    { ...serves("--addr", ""), words: ["serve", server, "--addr", "127.0.0.1:0"] },
    row("serve --help", ["serve", "--help"], works(/^Serve HTTP .*\n\nUsage: pollux serve \[OPTIONS\] <WASM>\n/)),
    row("serve --help", ["serve", server, "-h"], works(/^Serve HTTP .*\n\nUsage: pollux serve \[OPTIONS\] <WASM>\n/)),

    serves("--addr", "--addr=[::1]:0"),
    serves("--addr", `--addr=unix:${socket}`, {
      otherwise: {
        on: withoutFfi,
        because: "the sockets of runtimes are of the internet, and Deno lets nothing be made without --allow-write",
        expected: refused(/^Error: .* needs (--net=posix: .*|--allow-write of Deno \(or -A\))$/m),
      },
    }),
    wrong("--addr", "localhost:0", "SOCKADDR", noSyntax),
    serves("--shutdown-addr", "--shutdown-addr=127.0.0.1:0"),
    wrong("--shutdown-addr", `unix:${socket}`, "SOCKADDR", noSyntax),
    {
      ...serves("--listenfd", "--listenfd"),
      words: ["serve", "--listenfd", server],
      listener: true,
      env: { LISTEN_FDS: "1" },
      otherwise: {
        on: withoutFfi,
        because:
          "only libc takes sockets of others, and Deno lets nothing of the environment be read without --allow-env",
        expected: refused(/^Error: .*needs (--net=posix: .*|--allow-env of Deno \(or -A\))$/m),
      },
    },
    serves("--no-logging-prefix", "--no-logging-prefix"),
    { ...serves("--header", ""), words: ["serve", "--addr=127.0.0.1:0", "-H", "a: b", server] },
    row("serve --header", ["serve", "-H", "a", server], refused("header `a` is missing `:`")),
    row(
      "serve --header",
      ["serve", `--header=@${directory}/none`, server],
      refused(/^Error: failed to read header file `.*\/none`\n/m),
    ),
    ...counts.flatMap((name) => [
      serves(`--${name}`, `--${name}=1`),
      wrong(`--${name}`, "x", name.toUpperCase().replaceAll("-", "_"), "invalid digit found in string"),
    ]),
    ...sizes.flatMap(([name, placeholder]) => [
      serves(`--${name}`, `--${name}=1000`),
      wrong(`--${name}`, "1k", placeholder, "invalid digit found in string"),
    ]),
    ...times.flatMap(([name, placeholder]) => [
      serves(`--${name}`, `--${name}=500ms`),
      wrong(`--${name}`, "1x", placeholder, "failed to parse duration: 1x"),
    ]),
  ];
}
