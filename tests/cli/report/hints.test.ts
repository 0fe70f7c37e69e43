/** What follows the error of a guest that failed for want of a permission. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { settings } from "../../../src/cli/options/read-settings.ts";
import { scan } from "../../../src/cli/options/scan.ts";
import { parseSocketAddress } from "../../../src/cli/options/socket-address.ts";
import { type Denied, hints } from "../../../src/cli/report/hints.ts";
import type { AddressUse, NetworkUse, Permission } from "../../../src/core/policy/refusal.ts";
import type { IpSocketAddress } from "../../../src/machine/address.ts";
import type { Missing } from "../../../src/wasi/host.ts";
import { LinkError, OtherCommandError } from "../../../src/wasm/errors.ts";
import { guestFile, run } from "../../e2e/host.ts";
import { here } from "../here.ts";

const TCP = "hint: the guest asked for tcp: run with -Sinherit-network, or --allow-net RULE\n";
const UDP = "hint: the guest asked for udp: run with -Sinherit-network, or --allow-net RULE\n";
const ADDRESS = "hint: the guest asked for an address: run with -Sinherit-network, or --allow-net RULE\n";
const LISTEN = listens("tcp-bind", parseSocketAddress("127.0.0.1:9999"));
const CONNECT = listens("tcp-connect", parseSocketAddress("[::1]:80"));
const IN_USE = "hint: 127.0.0.1:9999 is in use by another program: end it, or take another port\n";
const NAME = "hint: the guest looked up a name: run with -Sallow-ip-name-lookup\n";
const DIRECTORY =
  "hint: the guest was given no directory: if it looks for files, run with --dir ., or --dir HOST_DIR::GUEST_DIR\n";
const LISTENER = "hint: the guest wants a listening socket from its host: run with -Stcplisten=127.0.0.1:8080\n";
const RULE = "hint: --allow-net and --deny-net refused what the guest asked for: -v says which rule\n";
const needs = (flag: string) => [`hint: the component imports it: run with -S${flag}\n`];

const misplaced = (option: string) =>
  `hint: ${option} stands after the file, so the guest got it: put it before the file\n`;

/** What was denied, or what failed to link; the command line; what is said. */
type Why = Permission | Missing | NetworkUse | "sockets" | { readonly inUse: string };
const cases: readonly (readonly [readonly Why[] | string, readonly string[], readonly string[]])[] = [
  [[], [], []],
  [["tcp"], [], [TCP]],
  [["udp", "tcp"], [], [TCP, UDP]],
  [["tcp"], ["-Stcp=n"], []],
  [["address"], ["-Stcp"], [ADDRESS]],
  [["address"], ["-Stcp,inherit-network=n"], []],
  [["name-lookup"], ["-Sinherit-network"], [NAME]],
  [["name-lookup"], ["-Sallow-ip-name-lookup=n"], []],
  [
    [LISTEN],
    ["-Stcp"],
    [
      "hint: the guest asked for listen:127.0.0.1:9999: run with -Sinherit-network, or --allow-net listen:127.0.0.1:9999\n",
    ],
  ],
  [
    [LISTEN],
    ["--allow-net=127.0.0.1:1"],
    ["hint: the guest asked for listen:127.0.0.1:9999: run with --allow-net listen:127.0.0.1:9999\n"],
  ],
  [
    [listens("udp-bind", parseSocketAddress("[::1]:0"))],
    ["--allow-net=127.0.0.1:1"],
    ["hint: the guest asked for 'udp:[::1]:*': run with --allow-net 'udp:[::1]:*'\n"],
  ],
  [
    [{ tag: "lookup", name: "example.com" }],
    ["--allow-net=127.0.0.1:1"],
    ["hint: the guest looked up example.com: run with -Sallow-ip-name-lookup, or --allow-net example.com\n"],
  ],
  // Nobody shall paste what a guest has made up.
  [[{ tag: "lookup", name: "x;rm" }], ["-Stcp"], [NAME]],
  [[requestTo("$(x)")], ["-Stcp"], [ADDRESS]],
  [[LISTEN], ["--deny-net=127.0.0.1:1"], [RULE]],
  [["directories"], [], [DIRECTORY]],
  [["directories"], ["--dir=."], []],
  // Languages ask for directories at every start.
  [["directories", "sockets"], [], []],
  [["directories"], ["-Stcplisten=127.0.0.1:0"], []],
  [["directories", { inUse: "127.0.0.1:9999" }], [], [IN_USE]],
  [["tcp", { inUse: "127.0.0.1:9999" }], [], [TCP]],
  [
    [LISTEN, CONNECT, listens("tcp-listen", parseSocketAddress("127.0.0.1:9999"))],
    ["-Stcp"],
    [
      "hint: the guest asked for listen:127.0.0.1:9999 and 'connect:[::1]:80': run with -Sinherit-network, or --allow-net listen:127.0.0.1:9999 --allow-net 'connect:[::1]:80'\n",
    ],
  ],
  [["tcp"], ["a.wasm", "-Sinherit-network"], [TCP, misplaced("-Sinherit-network")]],
  [["tcp"], ["a.wasm", "-S", "inherit-network"], [TCP, misplaced("-Sinherit-network")]],
  [["directories"], ["a.wasm", "--dir=."], [DIRECTORY, misplaced("--dir")]],
  [["directories"], ["a.wasm", "-Sinherit-network", "--"], [DIRECTORY]],
  [["directories", "tcp"], [], [TCP]],
  [["listener", "directories"], [], [LISTENER]],
  [["listener"], ["-Stcplisten=127.0.0.1:0"], []],
  [["address", "name-lookup"], ["--deny-net=*:*"], [RULE]],
  ["wasi:http/types@0.2.0 . fields", [], needs("http")],
  ["wasi:http/types@0.2.0 . fields", ["-Shttp=n"], []],
  ["wasi:http/incoming-handler", [], []],
  ["wasi:config/store@0.2.0-rc.1 . get", [], needs("config")],
  ["wasi:sockets/network@0.2.0 . network-error-code", [], needs("network-error-code")],
  ["wasi:cli/stdout@0.3.0 . write", [], []],
  [
    "wasi:cli/stdout@0.3.0 . write-via-stream",
    ["-Sp3=n"],
    ["hint: the component imports WASI 0.3: run without -Sp3=n\n"],
  ],
  [
    "wasi:cli/stdout@0.3.0 . write-via-stream",
    ["-Scli=n,p3=n"],
    ["hint: the component imports WASI: run without -Scli=n\n"],
  ],
  ["wasi:http/types@0.3.0 . fields", [], needs("http")],
  ["wasi:http/client@0.3.0 . send", [], needs("http")],
  ["wasi:http/client@0.3.0 . send", ["-Shttp=n"], []],
  ["wasi:http/handler@0.3.0 . handle", [], []],
  ["wasi:cli/stdout@0.4.1 . write", [], ["hint: the component needs WASI 0.4: Pollux has 0.2 and 0.3\n"]],
  ["wasi:io/error@0.2.12 . error", ["-Scli=n"], ["hint: the component imports WASI: run without -Scli=n\n"]],
  ["a:b/c . d", [], []],
];

function listens(use: AddressUse, address: IpSocketAddress): NetworkUse {
  return { tag: "address", use, address };
}

/** @param name One that no shell may see has no rule in the hint */
function requestTo(name: string): NetworkUse {
  return { tag: "request", to: { name, port: 1 } };
}

const uses: { readonly [permission in Permission]: NetworkUse } = {
  tcp: { tag: "socket", kind: "tcp" },
  udp: { tag: "socket", kind: "udp" },
  address: requestTo("$(x)"),
  "name-lookup": { tag: "lookup", name: undefined },
};

function deniedOf(why: readonly Why[]): Denied {
  const missing = new Set<Missing>();
  const asked: NetworkUse[] = [];
  let usesSockets = false;
  let inUse: IpSocketAddress | undefined;
  for (const each of why) {
    if (each === "directories" || each === "listener") missing.add(each);
    else if (each === "sockets") usesSockets = true;
    else if (typeof each === "object" && "inUse" in each) inUse = parseSocketAddress(each.inUse);
    else asked.push(typeof each === "string" ? uses[each] : each);
  }
  const refusals = asked.map((use, i) => [String(i), { use, reason: { tag: "not-allowed" } as const }] as const);
  return { refusals: new Map(refusals), missing, usesSockets, inUse };
}

describe("hints", () => {
  for (const [why, argv, expected] of cases) {
    it(`${why} with ${argv.join(" ") || "no options"}`, () => {
      const { options, rest } = scan([...argv, "a.wasm"]);
      const given = settings(options);
      assert.ok(!("help" in given));
      const failure = typeof why === "string" ? new LinkError(why, ["missing"]) : undefined;
      assert.deepEqual(
        hints(deniedOf(typeof why === "string" ? [] : why), given, undefined, failure, rest.slice(1)),
        expected,
      );
    });
  }
});

describe("hints of a server", () => {
  const MORE = "hint: the component imports more of WASI than servers are given: run with -Scli\n";
  const cases: readonly (readonly [path: string, argv: readonly string[], expected: readonly string[]])[] = [
    ["wasi:cli/environment@0.2.4 . get-environment", [], [MORE]],
    ["wasi:filesystem/types@0.2.0 . descriptor", ["-Sp3"], [MORE]],
    ["wasi:sockets/types@0.3.0 . tcp-socket", [], [MORE]],
    ["wasi:cli/environment@0.2.4 . get-environment", ["-Scli=n"], []],
    ["wasi:cli/environment@0.2.4 . get-environment", ["-Scommon"], []],
    ["wasi:cli/stdout@0.2.4 . get-stdout", [], []],
    ["wasi:http/incoming-handler", [], []],
    ["wasi:config/store@0.2.0-rc.1 . get", [], needs("config")],
  ];
  for (const [path, argv, expected] of cases) {
    it(`${path} with ${argv.join(" ") || "no options"}`, () => {
      const given = settings(scan(["serve", ...argv, "a.wasm"]).options, true);
      assert.ok(!("help" in given));
      assert.deepEqual(hints(deniedOf([]), given, undefined, new LinkError(path, ["missing"])), expected);
    });
  }

  it("the other command for what the other one is for", () => {
    const failure = (exported: string) => new OtherCommandError("wasi:x/y", ["no exported instance"], exported);
    const run = settings([]);
    const serve = settings([], true);
    assert.ok(!("help" in run) && !("help" in serve));
    const [handler, command] = ["wasi:http/handler@0.3.0", "wasi:cli/run@0.2.0"];
    assert.deepEqual(hints(deniedOf([]), run, undefined, failure(handler)), [
      `hint: a component that exports ${handler} is an HTTP server: serve it with \`pollux serve\`\n`,
    ]);
    assert.deepEqual(hints(deniedOf([]), serve, undefined, failure(command)), [
      `hint: a component that exports ${command} is a command: run it with \`pollux run\`\n`,
    ]);
  });
});

for (const host of here) {
  describe(`hints on ${host.name}`, { skip: host.skip }, () => {
    it("one follows a guest that failed", async () => {
      const { status, stderr } = await run(host, guestFile("tcpecho"), { args: ["127.0.0.1:0"] });
      assert.deepEqual({ status, stderr }, { status: 1, stderr: `create-tcp-socket: access-denied\n${TCP}` });
    });

    const failing: readonly (readonly [
      what: string,
      file: string,
      flags: readonly string[],
      args: readonly string[],
      hint: string,
    ])[] = [
      ["looks for files", "p1/files", [], [], DIRECTORY],
      ["looks for files by wasi:filesystem, and traps", "behaviour/files", [], [], DIRECTORY],
      ["wants a socket from its host", "p1/echo", [], [], LISTENER],
      [
        "may not listen where it wants to",
        "tcpecho",
        ["--allow-net=127.0.0.2"],
        ["127.0.0.1:9999"],
        "hint: the guest asked for listen:127.0.0.1:9999: run with --allow-net listen:127.0.0.1:9999\n",
      ],
    ];
    for (const [what, file, flags, args, hint] of failing) {
      it(`one follows a guest that ${what}`, async () => {
        const { status, stderr } = await run(host, guestFile(file), { flags, args });
        assert.notEqual(status, 0);
        assert.ok(stderr.endsWith(hint), stderr);
        assert.equal(stderr.match(/^hint: /gm)?.length, 1);
      });
    }

    it("one that cannot have its port is told that, and of no directory", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const flags = ["-Sinherit-network"];
      const args = [`127.0.0.1:${port}`];
      const { status, stderr } = await run(host, guestFile("tcpecho"), { flags, args });
      assert.notEqual(status, 0);
      assert.ok(stderr.endsWith(IN_USE.replace("9999", String(port))), stderr);
      assert.equal(stderr.match(/^hint: /gm)?.length, 1);
      server.close();
    });

    it("no other follows one that was refused what it asked for", async () => {
      const { stderr } = await run(host, guestFile("tcpecho"), { flags: ["-Stcp=n"], args: ["127.0.0.1:0"] });
      assert.doesNotMatch(stderr, /hint/);
    });

    it("none follows one that did not", async () => {
      const { status, stderr } = await run(host, guestFile("policy"), { args: ["127.0.0.1:1"] });
      assert.doesNotMatch(stderr, /hint/);
      assert.equal(status, 0);
    });
  });
}
