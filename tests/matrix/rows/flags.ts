/** The options of `pollux run` outside the groups, and the groups' help. */
import { guestFile } from "../../e2e/host.ts";
import { allGroups } from "../options.ts";
import { caused, fewPermissions, literally, needsPermission, type Row, refused, withoutFfi, works } from "../row.ts";
import { cat, HELLO, hello, type More, type Places, policy, runs, shown } from "./places.ts";
import { environmentRefused, listenfd } from "./wasi.ts";

/** What is refused for want of libc says where there is one. */
const noLibc = {
  on: withoutFfi,
  because: "there is no FFI, so no libc",
  expected: refused(
    /^Error: (?:Pollux calls libc on Deno: allow it with --allow-ffi \(or use -A\)|Pollux needs node:ffi, which Node has since 26\.1 .*|--\w+ needs --allow-\w+ of Deno \(or -A\))\n$/,
  ),
} as const satisfies More["otherwise"];

const phases = (...names: readonly string[]) =>
  new RegExp(names.map((name) => `^${name} +[\\d.]+ ms$`).join("[^]*"), "m");

export function flagRows(places: Places): Row[] {
  return [...helpRows(), ...guestRows(places), ...machineRows(places), ...toolRows(places), ...watchRows()];
}

/** Each group's key without a value is its help. */
function helpRows(): Row[] {
  return allGroups.map(({ short, long, keys }) =>
    runs(
      `--${long}`,
      `-${short}help`,
      hello,
      works(
        new RegExp(
          `^${Object.keys(keys)
            .map((name) => `(?=[^]*^ {2}-${short} ${literally(name)}(?![\\w-]))`)
            .join("")}`,
          "m",
        ),
      ),
    ),
  );
}

/** What the guest is given, and what is called. */
function guestRows({ directory, guests }: Places): Row[] {
  const { module, adder, seven, user, file } = guests;
  return [
    runs("--env", "--env A=b --env C=", shown, works("arg args-env.wasm\nenv A=b\nenv C=\n")),
    runs("--env", "--env POLLUX_MATRIX", shown, works("arg args-env.wasm\nenv POLLUX_MATRIX=inherited\n"), {
      env: { POLLUX_MATRIX: "inherited" },
      otherwise: environmentRefused,
    }),
    runs("--argv0", "--argv0 other", shown, works("arg other\n")),
    runs(
      "--allow-net",
      "--allow-net 127.0.0.1:*",
      policy,
      works(/^tcp finish-listen: ok$[\s\S]*^tcp finish-connect: connection-refused$/m),
    ),
    runs("--allow-net", "--allow-net 127.0.0.2:*", policy, works(/^tcp start-bind: access-denied$/m)),
    runs("--deny-net", "-Sinherit-network --deny-net 127.0.0.0/8", policy, works(/^tcp start-bind: access-denied$/m)),
    runs("--deny-net", "-Sinherit-network --deny-net 127.0.0.2", policy, works(/^tcp finish-listen: ok$/m)),
    runs("--dir", `--dir ${directory}::/d`, [file], works("from a file\n"), { otherwise: noLibc }),
    runs("--dir", `--dir ${directory}::/d:ro`, [file], works("from a file\n"), { otherwise: noLibc }),
    runs(
      "--dir",
      `--dir ${directory}/none`,
      hello,
      refused(`failed to open directory "${directory}/none": No such file or directory (os error 2)`),
      {
        otherwise: noLibc,
      },
    ),
    runs(
      "--dir",
      `--dir ${directory} --net=evented`,
      [file],
      refused("--dir needs --net=posix: there are no directories beside the runtime's own sockets"),
    ),
    { option: "--invoke", words: ["run", "--invoke", "add(1, 2)", adder], expected: works("3\n") },
    runs(
      "--invoke",
      "--invoke add",
      [module, "1", "2"],
      works(/^(?:warning: .*\n)?3\n$/, { stderr: /^(?:warning: .*\n)*/ }),
    ),
    runs("--invoke", "--invoke none()", [adder], refused(/No exported func named `none` in component\./)),
    ...listenfd("--listenfd", "--listenfd", guests.sockets),
    runs("--preload", `--preload lib=${seven}`, [user], works()),
    runs("--preload", `--preload lib=${seven}`, hello, refused("--preload cannot be used with components")),
    runs("--config", `--config ${directory}/options.toml`, hello, works("", { stderr: "" })),
    runs(
      "--config",
      `--config ${directory}/none.toml`,
      hello,
      caused(`failed to read config file: "${directory}/none.toml"`, "No such file or directory (os error 2)"),
    ),
    runs("--profile", "--profile guest", hello, refused("--profile is not supported yet")),
    runs("--target", "--target x86_64", hello, refused("--target is not supported yet")),
    runs("--allow-precompiled", "--allow-precompiled", hello, works(HELLO)),
  ];
}

/** Sockets, and how guests wait. */
function machineRows(_places: Places): Row[] {
  const both = /^error: the argument '--net <FAMILY>' cannot be evented with '--wait <STRATEGY>' blocking: .*$/m;
  const waits = { input: "typed\n" };
  return [
    runs("--net", "--net=posix", cat, works("typed\n"), { ...waits, otherwise: noLibc }),
    runs("--net", "--net=evented", cat, works("typed\n"), waits),
    runs("--net", "--net=evented --wait=suspending", cat, works("typed\n"), waits),
    runs("--net", "--net=evented --wait=blocking", cat, refused(both, 2)),
    runs("--wait", "--wait=blocking", cat, works("typed\n"), { ...waits, otherwise: noLibc }),
    runs("--wait", "--wait=suspending", cat, works("typed\n"), waits),
    runs("--wait", "--wait=suspending --net=posix", cat, works("typed\n"), { ...waits, otherwise: noLibc }),
  ];
}

/** What Pollux tells of a run. */
function toolRows({ directory, guests }: Places): Row[] {
  const call = "blocking-write-and-flush";
  const trace = (words: string, stderr: RegExp) => runs("--trace", words, hello, works(HELLO, { stderr }));
  const json = new RegExp(`^\\{.*\\.${call}".*\\}$`, "m");
  // In a terminal the guest's line comes before its call is over.
  const text = new RegExp(`^ +[\\d.]+ io/streams output-stream#1\\.${call}\\(.*\\)(?:${HELLO})? = ok <.*>$`, "m");
  const path = `${directory}/trace`;
  return [
    runs("--stats", "--stats", hello, works(HELLO, { stderr: phases("start", "run", "total") })),
    runs("--stats", "--stats=text", hello, works(HELLO, { stderr: phases("start", "run", "total") })),
    runs("--stats", "--stats=live", hello, works(HELLO, { stderr: phases("start", "run", "total") })),
    runs("--stats", "--stats=json", hello, works(HELLO, { stderr: /^\{"phases":\{"start":.*"handles":1\}\n/m })),
    runs(
      "--stats",
      "--stats -Wtimeout=50ms",
      [guests.loop],
      works("", { end: 134, stderr: phases("start", "total") }),
      {
        otherwise: {
          on: withoutFfi,
          because: "without FFI nothing but a signal ends a busy process",
          expected: works("", { end: "SIGABRT", stderr: phases("start", "total") }),
        },
      },
    ),
    trace("--trace", text),
    trace("--trace=text", text),
    trace("--trace=json", json),
    trace("--trace=chrome,!clocks", new RegExp(`^,?\\{.*"name":"output-stream#1.${call}".*\\}$`, "m")),
    trace("--trace=cli", /^ +[\d.]+ cli\/stdout get-stdout\(\) = output-stream#1 <.*>\n(?!.* io\/streams )/m),
    runs("--trace-file", `--trace-file ${path} --trace=json`, hello, works(HELLO), {
      writes: { path, text: json },
      otherwise: {
        on: fewPermissions,
        because: "Deno lets no file be written without --allow-write",
        expected: needsPermission("write"),
      },
    }),
    ...["full", "short", "none"].map((detail) => {
      const frames = detail === "none" ? "" : "error while executing at wasm backtrace:\\n(?: .*\\n)+    2: ";
      const told = new RegExp(`^    1: ${frames}wasm trap: .*\\n$`, "m");
      return runs("--backtrace", `--backtrace=${detail}`, [guests.deep], works("", { end: 134, stderr: told }));
    }),
    // With a port it waits for a debugger (tests/e2e/inspect-option.test.ts).
    ...["x", "65536", "-1"].map((port) =>
      runs(
        "--inspect",
        `--inspect=${port}`,
        hello,
        refused(/^error: invalid value '.*' for '--inspect\[=<PORT>\]': expected a port, 0 to 65535$/m, 2),
      ),
    ),
    runs("--verbose", "-v", hello, works(HELLO, { stderr: /^pollux: debug: .*hello\.wasm: exit status 0$/m })),
    runs("--verbose", "--verbose", hello, works(HELLO, { stderr: /^pollux: debug: .*hello\.wasm: exit status 0$/m })),
  ];
}

function watchRows(): Row[] {
  const waits = "waiting for it to change";
  const watched = works(HELLO, {
    end: "SIGINT",
    stderr: new RegExp(`^pollux: .* ended with status 0: ${waits}$`, "m"),
  });
  const noProcess = {
    on: fewPermissions,
    because: "Deno lets no process be started so without -A",
    expected: needsPermission("run"),
  } as const satisfies More["otherwise"];
  return [
    runs("--watch", "--watch", hello, watched, { interruptAt: waits, otherwise: noProcess }),
    runs("--watch", "--watch=restart --net=evented", hello, watched, { interruptAt: waits, otherwise: noProcess }),
    runs("--watch", "--watch=keep-listeners", hello, watched, { interruptAt: waits, otherwise: noLibc }),
    runs(
      "--watch",
      "--watch=keep-listeners --net=evented",
      hello,
      refused("--watch=keep-listeners needs --net=posix: the runtime cannot hand its sockets on"),
    ),
    runs("--watch", "--watch", ["-"], refused("--watch needs a file: standard input cannot be watched")),
    runs(
      "--watch",
      "--watch=twice",
      [guestFile("hello")],
      refused(/^error: invalid value 'twice' for '--watch\[=<HOW>\]'/m, 2),
    ),
  ];
}
