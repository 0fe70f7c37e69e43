/**
 * Contents of a file of 1 GiB, and a directory of 100,000 entries, by streams of WASI 0.3 and of 0.2 (tests/guests/rust/files3), on
 * wasmtime and on Pollux: how long the guest had to do with it, by its own clock. They lie in memory, where there is /dev/shm.
 */
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RustGuest } from "../e2e/rust.ts";
import { type Bench, commandsFor, measureRow } from "./bench.ts";
import { CommandFailed, run } from "./process.ts";
import { budget } from "./rows.ts";

const LENGTH = 2 ** 30;
const ENTRIES = 100_000;

interface FileRow {
  readonly id: string;
  readonly title: string;
  /** What the guest is told to do. */
  readonly args: readonly string[];
}

const rows: readonly FileRow[] = ["3", "2"].flatMap((version) => [
  contents(version, "read", "64k", 65_536),
  contents(version, "read", "1m", 2 ** 20),
  contents(version, "write", "64k", 65_536),
  {
    id: `files-p${version}-list`,
    title: `0.${version}: a directory of ${ENTRIES.toLocaleString("en")} entries`,
    args: [`list${version}`, "many"],
  },
]);

function contents(version: string, way: "read" | "write", name: string, piece: number): FileRow {
  return {
    id: `files-p${version}-${way}-${name}`,
    title: `0.${version}: 1 GiB ${way === "read" ? "read" : "written"} by ${piece / 1024} KiB`,
    args: [`${way}${version}`, way === "read" ? "file" : "written", `${LENGTH}`, `${piece}`],
  };
}

/** Adds the rows of files, ms. */
export async function measureFiles(bench: Bench): Promise<void> {
  const wanted = rows.filter(({ id }) => bench.wants(id));
  if (wanted.length === 0) return;
  const guest = new RustGuest("files3");
  if (guest.skip !== false) return bench.leaveOut("files", guest.skip);
  guest.build();
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "pollux-"));
  try {
    if (wanted.some(({ args }) => args.includes("file"))) writeLong(join(folder, "file"));
    if (wanted.some(({ args }) => args.includes("many"))) fill(join(folder, "many"));
    for (const { id, title, args } of wanted) {
      const commands = [...commandsFor(bench.runners, guest.file, args)].map(
        ([runner, command]) => [runner, withDirectory(command, guest.file, folder)] as const,
      );
      await measureRow(
        bench,
        { id, title, unit: "ms", budgets: [budget("binary", "<=", 1, "wasmtime", "issue 18")] },
        { columns: new Map(commands), rounds: bench.quick ? 3 : 9, sample },
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same command with the directory as the guest's root. */
function withDirectory(command: readonly string[], guest: string, folder: string): readonly string[] {
  return command.toSpliced(command.indexOf(guest), 0, "--dir", `${folder}::/`);
}

async function sample(command: readonly string[]): Promise<number> {
  const { stdout } = await run(command);
  const [, ns] = / in (\d+) ns\n$/.exec(stdout) ?? [];
  if (ns === undefined) throw new CommandFailed(`the guest said ${JSON.stringify(stdout)}`);
  return Number(ns) / 1e6;
}

function writeLong(path: string): void {
  const piece = new Uint8Array(2 ** 20).fill(0x5a);
  const fd = openSync(path, "w");
  for (let length = 0; length < LENGTH; length += piece.length) writeSync(fd, piece);
  closeSync(fd);
}

function fill(path: string): void {
  mkdirSync(path);
  for (let i = 0; i < ENTRIES; i++) writeFileSync(join(path, `file-${`${i}`.padStart(6, "0")}.txt`), "");
}
