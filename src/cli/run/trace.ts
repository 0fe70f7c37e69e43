/** `--trace` and `--trace-file`. Loaded only for these. */
import { Buffer } from "node:buffer";
import { fstatSync, openSync } from "node:fs";
import type { Machine } from "../../machine/machine.ts";
import type { Selector, SuspendingSelector } from "../../machine/selector.ts";
import { wrap } from "../../machine/wrap.ts";
import type { Observers, RequestObserver } from "../../run/options.ts";
import { Filter } from "../../trace/filter.ts";
import { createFormat, type FormatName, formatNames } from "../../trace/formats.ts";
import { tracedModule } from "../../trace/p1.ts";
import { type TracedRequest, Tracer } from "../../trace/tracer.ts";
import { printableLines } from "../../wasm/printable.ts";
import { Failure, quoted } from "../output/failure.ts";
import { osError } from "../output/os-error.ts";
import { writeErr } from "../output/output.ts";
import { write } from "../output/write.ts";

/**
 * Each line is written before the guest goes on, so a trace is whole up to where a guest is killed.
 *
 * @param words A format, or none, and a filter's.
 * @param file Written anew; undefined: stderr.
 * @param inner What stands between the trace and the host.
 * @throws Failure
 */
export function openTrace(words: readonly string[], file: string | undefined, inner?: Observers): Observers {
  const format: FormatName = formatNames.find((name) => words.includes(name)) ?? "text";
  const filter = new Filter(words.filter((word) => word !== format));
  const created = createFormat(format);
  const out = file === undefined ? writeErr : writer(file, created.closing);
  if (created.opening !== undefined) out(created.opening);
  const tracer = new Tracer(created, filter, out);
  const traced = new WeakMap<RequestObserver, TracedRequest>();
  return {
    machine<M extends Machine>(machine: M): M {
      const observed = inner?.machine?.(machine) ?? machine;
      const traced: Partial<Machine> = { selector: tracedSelector(observed.selector, () => tracer.waits()) };
      return wrap(observed, traced as Partial<M>);
    },
    linked: () => tellUnused(filter),
    component: (about, call) => tracer.observe(about, inner?.component(about, call) ?? call),
    request(about) {
      const theirs = inner?.request?.(about);
      const own = tracer.request(about);
      const both: RequestObserver = {
        begins(instance, first) {
          theirs?.begins(instance, first);
          own.begins(instance);
        },
        ends(status, how) {
          theirs?.ends(status, how);
          own.ends(status, how);
        },
      };
      traced.set(both, own);
      return both;
    },
    connected: () => inner?.connected?.(),
    served(of) {
      const observe = inner?.served?.(() => undefined) ?? inner?.component;
      const headOf = (first: unknown) => {
        const request = of(first);
        return request && traced.get(request)?.head;
      };
      return (about, call) => tracer.observe(about, observe?.(about, call) ?? call, headOf);
    },
    module: (imports) => tracedModule(tracer, inner?.module(imports) ?? imports),
  };
}

/** The same selector, which tells of each wait before it begins. */
function tracedSelector(selector: Selector | SuspendingSelector, waits: () => void): Selector {
  const select: Selector["select"] = (timeout) => {
    if (timeout !== 0) waits();
    return selector.select(timeout);
  };
  if (!("wait" in selector)) return wrap(selector, { select });
  return wrap(selector, {
    select,
    wait(timeout) {
      waits();
      return selector.wait(timeout);
    },
  });
}

/** A word that names nothing is mistyped, most likely. */
function tellUnused({ unused: { words, imports } }: Filter): void {
  for (const word of words)
    writeErr(`pollux: --trace: the guest imports nothing of \`${word}\`; it imports ${imports.join(", ")}\n`);
}

/**
 * Returns what writes to a file.
 *
 * @param closing Follows each text in a regular file, until the next text takes its place: however the process ends, the file is
 * whole
 */
function writer(file: string, closing = ""): (text: string) => void {
  let fd: number;
  try {
    fd = openSync(file, "w");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Failure(`failed to open trace file ${quoted(file)}`, [osError(error)]);
  }
  // A pipe has no positions.
  const closes = closing !== "" && fstatSync(fd).isFile();
  let whole = true;
  let end = 0;
  return (text) => {
    if (!whole) return;
    const line = printableLines(text);
    const failure = closes ? write(fd, line + closing, end) : write(fd, line);
    end += Buffer.byteLength(line);
    if (failure === undefined) return;
    whole = false;
    writeErr(`pollux: --trace-file: the trace ends here: ${osError(failure)}\n`);
  };
}
