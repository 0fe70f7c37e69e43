/** The library of the npm package in the bundles that people make of their programs: all of it, its threads too. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { pem, trusting } from "../e2e/http-case.ts";
import { HttpServer } from "../e2e/http-server.ts";

const root = join(import.meta.dirname, "../..");
const bin = (name: string) => join(root, "node_modules/.bin", name);

const isNode = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
const skip = !isNode
  ? "once is enough: on Node, it runs Bun and Deno too"
  : !existsSync(join(root, "dist/npm/src/index.js")) && "no dist/npm: npm run build makes it";

/**
 * What is bundled: a guest that is run, one that waits for a peer in the thread for suspended guests, and one that holds its thread,
 * so that another one does TLS for it.
 */
const program = `import process from "node:process";
import { dial, instantiate, listen, run } from "pollux";

// No await of the module's own: in one file of rollup's, what is imported later is evaluated after it.
async function main([guests, authority, line]) {
  const { stdout } = await run(guests + "/hello.wasm", { stdout: "text" });
  const network = { allow: ["127.0.0.1:*", "[::1]:*"] };
  const waits = await run(guests + "/behaviour/tcp-streams.wasm", { net: "posix", network });
  const args = ["guest", "echo", authority, line, "tls"];
  const secured = await run(guests + "/http/requests.wasm", { wait: "blocking", args, network: { http: true, inherit: true } });
  await using listener = await listen("127.0.0.1:0");
  await using conn = await dial(listener.localAddress);
  const missing = await instantiate(guests + "/hello.wasm").catch((error) => error.code);
  console.log([stdout.trim(), waits.exitCode, secured.exitCode, conn.remoteAddress.port > 0, missing].join(" "));
  process.exit(0);
}
main(process.argv.slice(2));
`;

const RUNS = "hello, world 0 0 true link-error\n";

const deno = [bin("deno"), "run", "-A", "--no-check"];

interface Bundle {
  /** Makes it of app.js, as a file of that name in the folder. */
  make(folder: string, file: string): Promise<void> | void;
  /** What runs it; without any, it runs itself. */
  readonly runners: readonly (readonly string[])[];
}

const bundles: Readonly<Record<string, Bundle>> = {
  "bun build": {
    make: (folder, file) => must(bin("bun"), ["build", "app.js", "--target=bun", `--outfile=${file}`], folder),
    runners: [[bin("bun")]],
  },
  "bun build --target=node": {
    make: (folder, file) => must(bin("bun"), ["build", "app.js", "--target=node", `--outfile=${file}`], folder),
    runners: [[bin("node")]],
  },
  "bun build --compile": {
    make: (folder, file) => must(bin("bun"), ["build", "app.js", "--compile", `--outfile=${file}`], folder),
    runners: [[]],
  },
  "bun build --compile --minify --bytecode": {
    make: (folder, file) =>
      must(
        bin("bun"),
        ["build", "app.js", "--compile", "--minify", "--bytecode", "--format=esm", `--outfile=${file}`],
        folder,
      ),
    runners: [[]],
  },
  esbuild: {
    async make(folder, file) {
      const { build } = await import("esbuild");
      const options = { bundle: true, platform: "node", format: "esm", minify: true, keepNames: true } as const;
      await build({ ...options, absWorkingDir: folder, entryPoints: ["app.js"], outfile: file, logLevel: "error" });
    },
    runners: [[bin("node")], [bin("bun")], deno],
  },
  rollup: {
    async make(folder, file) {
      const { rollup } = await import("rollup");
      const found = join(folder, "node_modules/pollux/dist/npm/src/index.js");
      const resolve = { name: "resolve", resolveId: (id: string) => (id === "pollux" ? found : null) };
      const external = (id: string) => id.startsWith("node:");
      const bundle = await rollup({ input: join(folder, "app.js"), plugins: [resolve], external });
      // All in one file: what is imported later is evaluated with the rest.
      await bundle.write({ file: join(folder, file), format: "es", inlineDynamicImports: true });
      await bundle.close();
    },
    runners: [[bin("node")], [bin("bun")], deno],
  },
  vite: {
    async make(folder, file) {
      const { build } = await import("vite");
      await build({
        root: folder,
        logLevel: "error",
        configFile: false,
        build: { ssr: "app.js", outDir: "vite", rollupOptions: { output: { entryFileNames: file } } },
        ssr: { noExternal: true },
      });
      cpSync(join(folder, "vite"), folder, { recursive: true });
    },
    runners: [[bin("node")], [bin("bun")], deno],
  },
};

describe("a bundle of a program that has the library in it", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "pollux-bundles-"));
  after(() => rmSync(folder, { recursive: true }));

  before(() => {
    install(join(folder, "node_modules/pollux"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    writeFileSync(join(folder, "app.js"), program);
  });

  for (const [name, { make, runners }] of Object.entries(bundles)) {
    it(`runs, by ${name}`, async () => {
      const file = `${name.replaceAll(/[^a-z]+/g, "-")}.mjs`;
      await make(folder, file);
      for (const runner of runners) await runs([...runner, join(folder, file)]);
    });
  }

  it("is taken by deno compile, and runs where there is Deno's runtime for programs (DENORT_BIN)", async () => {
    const denort = process.env["DENORT_BIN"];
    // Deno fetches that runtime, which no package has. With itself in its place it compiles, and what it makes is not run.
    const env = { DENORT_BIN: denort ?? realpathSync(bin("deno")) };
    must(bin("deno"), ["compile", "-A", "--no-check", "--output=compiled", "app.js"], folder, env);
    if (denort !== undefined) await runs([join(folder, "compiled")]);
  });
});

/** What the package ships of the library. */
function install(into: string): void {
  mkdirSync(into, { recursive: true });
  cpSync(join(root, "package.json"), join(into, "package.json"));
  cpSync(join(root, "dist/npm/src"), join(into, "dist/npm/src"), { recursive: true });
}

async function runs([command, ...args]: readonly string[]): Promise<void> {
  const { server, line } = await HttpServer.start();
  await using _ = server;
  const port = await server.startTls(readFileSync(pem("key"), "utf8"), readFileSync(pem("cert"), "utf8"));
  const env = { ...process.env, ...trusting, NODE_TEST_CONTEXT: undefined, NO_COLOR: "1" };
  const all = [...args, join(root, "tests/guests"), `localhost:${port}`, String(line)];
  const child = spawn(command!, all, { env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (piece) => {
    stdout += piece;
  });
  child.stderr.on("data", (piece) => {
    stderr += piece;
  });
  const [status] = await once(child, "close");
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: RUNS, stderr: "" }, [command, ...args].join(" "));
}

function must(command: string, args: readonly string[], cwd: string, given: NodeJS.ProcessEnv = {}): void {
  const env = { ...process.env, NO_COLOR: "1", ...given };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 120_000, env });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
}
