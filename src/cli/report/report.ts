/** The end of a run that did not go well: the one place that decides its text on stderr and its exit status. */

import { PreopenError } from "../../core/files/preopens.ts";
import { Exit, Trap, type WasmFrame } from "../../core/wait/errors.ts";
import { OutOfResources } from "../../machine/out-of-resources.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { InvokeError, NoFunctionError, PreloadError } from "../../run/module.ts";
import { Expired, Unanswered } from "../../run/serve/errors.ts";
import { suggestion } from "../../text/similar.ts";
import { ModuleLinkError } from "../../wasi/p1/import-check.ts";
import { EngineTrap, engineWords } from "../../wasm/engine-trap.ts";
import { LimitError, LinkError, ParseError } from "../../wasm/errors.ts";
import { printable } from "../../wasm/printable.ts";
import type { BacktraceDetail } from "../options/settings.ts";
import { UnsupportedOption } from "../options/unsupported.ts";
import { Failure, formatChain, mainFailure, quoted } from "../output/failure.ts";
import { UsageError } from "../output/usage-error.ts";
import { formatFrames } from "./backtrace.ts";
import type { LocatedFrame } from "./locate.ts";

export interface Report {
  readonly text: string;
  /** The same in one line, where it is no trap's. */
  readonly line?: string;
  readonly status: number;
}

/** What a shell shows for SIGABRT, which wasmtime's traps end as: a trap's exit status. */
export const ABORTED = 134;

/** What a guest was at when it was ended, in wasmtime's words; nothing: it says nothing of that. */
export type Contexts = Readonly<Partial<Record<Trap["stage"], string>>>;

export interface ReportOptions {
  /** As of a component's `run`, unless given. */
  readonly contexts?: Contexts | undefined;
  /** How many frames of a trap are shown; undefined: as many as wasmtime. */
  readonly maxFrames?: number | undefined;
  /** Whether a trap's frames are told, and with their places in the source; "full" unless given. */
  readonly backtrace?: BacktraceDetail;
  /** Finds a frame in the file and its source. */
  readonly locate?: ((frame: WasmFrame) => LocatedFrame) | undefined;
  /** Of a server, whose failures are told without the words for a main module. */
  readonly served?: boolean;
  /** Whether a core dump was asked for. */
  readonly coredump?: boolean | undefined;
}

/** @param file The module's path as it was given; lossy UTF-8. */
export function report(error: unknown, file: string, options: ReportOptions = {}): Report {
  if (error instanceof UsageError) return { text: `error: ${error.message}\n`, status: 2 };
  if (error instanceof Failure) return failed(error.message, error.causes, error.hint);
  if (error instanceof UnsupportedOption) return failed(error.message);
  if (error instanceof PreopenError) return failed(error.message);
  if (error instanceof UnsupportedRuntime) return failed(error.message);
  if (error instanceof OutOfResources) return failed(error.message);
  if (error instanceof ParseError) return refused("failed to parse WebAssembly module", [error.message]);
  if (error instanceof LinkError) return unlinked(error.causes, file, options);
  if (error instanceof ModuleLinkError)
    return refused(mainFailure(file), [`failed to instantiate ${quoted(file)}`, ...error.causes]);
  if (error instanceof PreloadError) return unloaded(error, options);
  if (error instanceof NoFunctionError)
    return refused(mainFailure(file), error.causes, suggestion(error.wanted, error.functions));
  if (error instanceof InvokeError) return refused(mainFailure(file), error.causes);
  if (error instanceof LimitError) return unlinked([error.message], file, options);
  if (error instanceof WebAssembly.CompileError) {
    return refused("failed to compile WebAssembly module", [engineWords(error.message)]);
  }
  // Deno was not given a permission: it says which option gives it.
  if (error instanceof Error && error.name === "NotCapable") return failed(error.message);
  if (error instanceof Trap) return ended(error, file, options);
  return { text: `Error: this is a bug in Pollux, please report it: ${describe(error)}\n`, status: 1 };
}

/** What is said of a guest that failed with a request, in wasmtime's words: a server goes on. */
export function reportServed(error: unknown, options: ReportOptions): string {
  if (error instanceof Trap) {
    const [message = "", ...causes] = trapCauses(error, options);
    return formatChain(message, causes, "worker failed");
  }
  if (error instanceof Exit) return `error: Exited with i32 exit status ${error.code}\n`;
  if (error instanceof Unanswered || error instanceof Expired) return `error: ${printable(error.message)}\n`;
  return report(error, "", { ...options, served: true }).text.replace(/^Error/, "error");
}

const runContexts: Contexts = { call: "failed to invoke `run` function" };

function failed(message: string, causes: readonly string[] = [], hint?: string): Report {
  const text = formatChain(message, causes) + (hint === undefined ? "" : `hint: ${hint}\n`);
  const line = [message, ...causes].map((each) => each.split("\n", 1)[0]).join(": ");
  return { text, line, status: 1 };
}

/** @param causes May name what the file names, and are a line each. */
function refused(message: string, causes: readonly string[], hint?: string): Report {
  return failed(message, causes.map(printable), hint && printable(hint));
}

function unlinked(causes: readonly string[], file: string, { served }: ReportOptions): Report {
  const [message = "", ...rest] = causes;
  return served ? refused(printable(message), rest) : refused(mainFailure(file), causes);
}

function ended(trap: Trap, file: string, options: ReportOptions): Report {
  const context = (options.contexts ?? runContexts)[trap.stage];
  const causes = [...(context === undefined ? [] : [context]), ...trapCauses(trap, options)];
  const warning = options.coredump === true && trap instanceof EngineTrap ? noCoredump : "";
  return { text: `${warning}${formatChain(mainFailure(file), causes)}`, status: statusOf(trap) };
}

/** wasmtime's words for a core dump that fails. */
const noCoredump = "warning: coredump failed to generate: the engine shows nobody a guest's locals and memories\n";

function unloaded({ message, cause }: PreloadError, options: ReportOptions): Report {
  if (!(cause instanceof Trap)) return refused(message, cause.causes);
  const context = cause.stage === "initialize" ? ["calling the Reactor initialization function"] : [];
  const causes = [...context, ...trapCauses(cause, options)];
  return { text: formatChain(message, causes), status: statusOf(cause) };
}

function trapCauses({ frames, message }: Trap, { maxFrames, backtrace, locate }: ReportOptions): string[] {
  const said = printable(message);
  return frames.length > 0 && backtrace !== "none" ? [formatFrames(frames, maxFrames, locate), said] : [said];
}

function statusOf(cause: Error): number {
  return cause instanceof EngineTrap ? ABORTED : 1;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const head = `${error.name}: ${error.message}`;
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${head}\n${stack}`;
}
