/** -S. */
import { guestFile } from "../../e2e/host.ts";
import { caused, fewPermissions, literally, needsPermission, type Row, refused, withoutFfi, works } from "../row.ts";
import { accepted, lacking } from "./by-kind.ts";
import { cat, HELLO, hello, http, type More, type Places, policy, runs, shown } from "./places.ts";

/** A component that imports what it is not given. */
const unlinked = (instance: string) =>
  refused(
    new RegExp(`^Error: failed to run main module [^]*component imports instance \`${literally(instance)}@`, "m"),
  );

/** The last cause of an end. */
const ended = (cause: string) => works("", { end: 1, stderr: new RegExp(`^ +\\d: ${literally(cause)}$`, "m") });

const limits = (...args: readonly string[]) => [guestFile("limits"), ...args];

const NO_KEYS = "resource table has no free keys";
const NO_HANDLES = "cannot allocate another handle: store handle limit exceeded";
const NO_FUEL =
  "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted";

export const environmentRefused = {
  on: fewPermissions,
  because: "Deno lets nothing of the environment be read without --allow-env",
  expected: needsPermission("env"),
} as const satisfies More["otherwise"];

export function wasiRows({ guests }: Places): Row[] {
  const { sockets, stderr, unstable, module, random, config } = guests;
  return [
    ...accepted(
      "S",
      "http-outgoing-body-buffer-chunks http-outgoing-body-chunk-size preview2 nn-graph keyvalue-in-memory-data p3",
    ),
    ...lacking("S", "nn keyvalue tls"),

    runs("-S cli", "-Scli", hello, works(HELLO)),
    runs("-S cli", "-Scli=n", hello, unlinked("wasi:io/error")),
    runs("-S common", "-Scommon", hello, works(HELLO)),
    runs("-S common", "-Scommon=n", hello, unlinked("wasi:io/error")),
    runs("-S cli-exit-with-code", "-Scli-exit-with-code", [guestFile("exit"), "code", "7"], works("", { end: 7 })),
    runs(
      "-S cli-exit-with-code",
      "-Scli-exit-with-code=n",
      [guestFile("exit"), "code", "7"],
      works("", { end: 7, stderr: "warning: cannot disable `-Scli-exit-with-code` any more\n" }),
    ),
    runs("-S threads", "-Sthreads", hello, refused("support for wasi-threads has been removed from Wasmtime")),
    runs("-S threads", "-Sthreads", [module], refused("the `-Sthreads` flag is no longer supported")),
    runs("-S threads", "-Sthreads=n", hello, works(HELLO)),

    runs("-S http", "-Shttp", http, works("100 checks\n")),
    runs("-S http", "-Shttp=n", http, unlinked("wasi:http/types")),
    runs("-S http", "-Shttp", [module], refused("Cannot enable wasi-http for core wasm modules")),
    runs(
      "-S max-http-fields-size",
      "-Shttp,max-http-fields-size=1000",
      [...http, "grow"],
      ended("total size of fields exceeds limit"),
    ),
    runs("-S config", "-Sconfig,config-var=name=v1", [config], works()),
    runs("-S config", "-Sconfig=n", [config], unlinked("wasi:config/store")),
    runs("-S config", "-Sconfig", [module], refused("Cannot enable wasi-config for core wasm modules")),
    runs("-S config-var", "-Sconfig,config-var=name=w1", [config], works("", { end: 1 })),

    ...listenfd("-S listenfd", "-Slistenfd", sockets),
    runs("-S listenfd", "-Slistenfd=n", hello, works(HELLO)),
    runs("-S listenfd", "-Slistenfd", hello, refused("components do not support --listenfd"), {
      otherwise: environmentRefused,
    }),
    runs("-S tcplisten", "-Stcplisten=127.0.0.1,tcplisten=[::1]:0", [sockets], works("", { end: 42 })),
    runs("-S tcplisten", "-Stcplisten=localhost", [sockets], works("", { end: 41 }), {
      otherwise: {
        on: withoutFfi,
        because: "a runtime looks names up beside the thread that a guest's start holds",
        expected: caused(
          "failed to bind to address 'localhost'",
          "without libc (--net=posix) only IP addresses can be bound, no names",
        ),
      },
    }),
    runs("-S tcplisten", "-Stcplisten=127.0.0.1", hello, refused("components do not support --tcplisten")),

    ...network(),
    runs("-S network-error-code", "-Snetwork-error-code", [guests["error-code"]], works()),
    runs("-S network-error-code", "-Snetwork-error-code=n", [guests["error-code"]], unlinked("wasi:sockets/network")),

    runs("-S preview0", "-Spreview0", [unstable], works("", { end: 3 })),
    runs("-S preview0", "-Spreview0=n", [unstable], refused(/unknown import: `wasi_unstable::proc_exit`/)),

    runs("-S inherit-env", "-Sinherit-env", shown, works(/^env POLLUX_MATRIX=inherited$/m), {
      env: { POLLUX_MATRIX: "inherited" },
      otherwise: environmentRefused,
    }),
    runs("-S inherit-env", "-Sinherit-env=n", shown, works("arg args-env.wasm\n")),
    runs("-S inherit-stdin", "-Sinherit-stdin", cat, works("typed\n"), { input: "typed\n" }),
    runs("-S inherit-stdin", "-Sinherit-stdin=n", cat, works()),
    runs("-S inherit-stdout", "-Sinherit-stdout", hello, works(HELLO)),
    runs("-S inherit-stdout", "-Sinherit-stdout=n", hello, works()),
    runs("-S inherit-stderr", "-Sinherit-stderr", [stderr], works("", { stderr: "said\n" })),
    runs("-S inherit-stderr", "-Sinherit-stderr=n", [stderr], works()),
    runs("-S cwd", "-Scwd=/there", shown, works("arg args-env.wasm\ncwd /there\n")),

    runs("-S max-resources", "-Sinherit-network,max-resources=5", limits("sockets", "5"), works()),
    runs("-S max-resources", "-Sinherit-network,max-resources=4", limits("sockets", "5"), ended(NO_KEYS)),
    runs("-S max-component-handles", "-Smax-component-handles=3", hello, works(HELLO)),
    runs("-S max-component-handles", "-Smax-component-handles=1", hello, ended(NO_HANDLES)),
    runs("-S hostcall-fuel", "-Shostcall-fuel=1_000", hello, works(HELLO)),
    runs("-S hostcall-fuel", "-Shostcall-fuel=3", hello, ended(NO_FUEL)),
    runs("-S max-random-size", "-Smax-random-size=1000", [random], works()),
    runs("-S max-random-size", "-Smax-random-size=999", [random], ended("requested len 1000 exceeds limit 999")),
  ];
}

/** What is handed over by a service manager (sd_listen_fds(3)). */
export function listenfd(option: string, flag: string, sockets: string): Row[] {
  return [
    runs(option, flag, [sockets], works("", { end: 40 }), { otherwise: environmentRefused }),
    runs(option, flag, [sockets], works("", { end: 41 }), {
      env: { LISTEN_FDS: "1" },
      listener: true,
      otherwise: {
        on: withoutFfi,
        because: "a runtime's sockets are those that it makes itself",
        expected: refused(
          /^Error: (?:--listenfd needs --net=posix: the runtime cannot take the sockets of LISTEN_FDS|-Slistenfd needs --allow-env of Deno \(or -A\))$/m,
        ),
      },
    }),
  ];
}

const created = (what: string, so: boolean) => `create-${what}-socket: ${so ? "ok" : "access-denied"}`;

/** What the guest that tries all says of it, line by line. */
function network(): Row[] {
  const says = (tcp: boolean, udp: boolean, lookup = false) =>
    works(
      new RegExp(
        [
          ...[`^${created("tcp", tcp)}$`, ...(tcp ? ["tcp finish-listen: ok$", "connection-refused$"] : [])],
          ...[`${created("udp", udp)}$`, `resolve-addresses: ${lookup ? "ok" : "permanent-resolver-failure"}$`],
        ].join("[^]*^.*"),
        "m",
      ),
    );
  const row = (option: string, flags: string, ...expected: Parameters<typeof says>) =>
    runs(option, flags, policy, says(...expected));
  return [
    row("-S inherit-network", "-Sinherit-network", true, true),
    row("-S inherit-network", "-Sinherit-network=n", false, false),
    row("-S tcp", "-Sinherit-network,tcp", true, true),
    row("-S tcp", "-Sinherit-network,tcp=n", false, true),
    row("-S udp", "-Sinherit-network,udp", true, true),
    row("-S udp", "-Sinherit-network,udp=n", true, false),
    row("-S allow-ip-name-lookup", "-Sinherit-network,allow-ip-name-lookup", true, true, true),
    row("-S allow-ip-name-lookup", "-Sinherit-network,allow-ip-name-lookup=n", true, true),
  ];
}
