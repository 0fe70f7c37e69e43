import type { Template } from "./template.ts";

const ADDRESS = "127.0.0.1:8080";

/** A component with SpiderMonkey inside, which calls a handler of `fetch` events. */
export function javascript(name: string): Template {
  return {
    language: "JavaScript",
    what: "an HTTP server, with a fetch handler",
    tools: [{ name: "Node with npm", programs: ["npm"], from: "<https://nodejs.org>" }],
    setup: "npm install",
    build: "npm run --silent build",
    file: `${name}.wasm`,
    command: "serve",
    // The engine imports more of WASI than servers are given.
    options: ["-Scli", `--addr=${ADDRESS}`],
    client: `curl http://${ADDRESS}/`,
    source: "app.js",
    ignored: ["/node_modules", "*.wasm"],
    files: {
      "package.json": `{
  "private": true,
  "type": "module",
  "scripts": {
    "build": "node --check app.js && node build.js"
  },
  "devDependencies": {
    "@bytecodealliance/componentize-js": "0.22.0",
    "@bytecodealliance/jco": "1.35.0"
  }
}
`,
      "app.js": `// Answers each request.
addEventListener("fetch", (event) => {
  event.respondWith(new Response("welcome to ${name}\\n"));
});
`,
      // componentize-js wants the WIT of what its engine exports, of the engine's version; jco has the one after that.
      "build.js": `// Makes a component of app.js and an engine, which calls the listener for each request.
import { readFile, writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const world = "package local:app;\\nworld app { export wasi:http/incoming-handler@0.2.10; }\\n";

// WASI's interfaces, as jco has them, of the engine's version.
async function wit(name) {
  const file = new URL(\`node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12/\${name}/package.wit\`, import.meta.url);
  const text = (await readFile(file, "utf8")).replaceAll("@0.2.12", "@0.2.10").replaceAll(/^world [^}]*\\}/gm, "");
  return \`\${text.replace(/^(package [^;]+);/m, "$1 {")}\\n}\\n\`;
}

const packages = await Promise.all(["wasi-io", "wasi-clocks", "wasi-http"].map(wit));
const { component } = await componentize(await readFile("app.js", "utf8"), [world, ...packages].join("\\n"));
await writeFile("${name}.wasm", component);
`,
    },
  };
}
