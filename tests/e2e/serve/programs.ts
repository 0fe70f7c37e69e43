/** Servers as people write them, by what toolchains make of them. Each has `/hello`, `/echo`, and nothing at other paths. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { buildPythonGuest, guestFile } from "../host.ts";
import { RustGuest } from "../rust.ts";

export interface Program {
  readonly name: string;
  /** Returns the file. */
  build(): string;
  /** Why it cannot be built; false: it can. */
  readonly skip: string | false;
}

export function programs(): readonly Program[] {
  return [
    rust("Rust by wstd", "serve2"),
    rust("Rust by wasip3", "serve3"),
    python("componentize-py, 0.2", "pyserve2"),
    python("componentize-py, 0.3", "pyserve3"),
    { name: "Hono by componentize-js", build: () => guestFile("build/jshttp"), skip: buildHono() },
  ];
}

function rust(name: string, guest: "serve2" | "serve3"): Program {
  const made = new RustGuest(guest);
  const build = () => {
    made.build();
    return made.file;
  };
  return { name, build, skip: made.skip };
}

function python(name: string, guest: "pyserve2" | "pyserve3"): Program {
  return { name, build: () => guestFile(`build/${guest}`), skip: buildPythonGuest(guest) };
}

function buildHono(): string | false {
  const script = join(import.meta.dirname, "../../guests/jshttp/build.ts");
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  return status === 0 ? false : `jshttp/build.ts: ${stderr}`;
}
