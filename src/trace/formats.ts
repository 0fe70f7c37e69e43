/** The three formats of traces. */
import type { Call, Format, Outcome, TracedEnd, TracedHead } from "./call.ts";
import type { Lane } from "./handles.ts";
import { type Shown, text } from "./shown.ts";

export const formatNames = ["text", "json", "chrome"] as const;
export type FormatName = (typeof formatNames)[number];

export function createFormat(name: FormatName): Format {
  return { text: () => lines, json: () => jsonLines, chrome: () => new Chrome() }[name]();
}

/** Formats seconds with six decimals. */
function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(6);
}

/** Rounds to what a clock can tell: nanoseconds, as three decimals. */
function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6) / 1e3;
}

/**
 * Text, as strace's -r -T:
 *
 *     0.004211 sockets/tcp tcp-socket#1.start-bind(network#1, 127.0.0.1:9999) = ok <0.000031>
 *
 * While a call waits only the first half of its line is written. For a server, the request's number precedes each call
 * that is made for it:
 *
 *     0.004100 #1 GET /hello, by instance 0
 *     0.004211 #1 http/types incoming-request#1.path-with-query() = "/hello" <0.000031>
 *     0.004500 #1 GET /hello = 200 <0.000400>
 */
const lines: Format = {
  wait: callText,
  end: (call, outcome, duration, waited) =>
    `${waited ? "" : callText(call)} = ${outcomeText(outcome)} <${seconds(duration)}>\n`,
  beginRequest: (request) => `${time(request.start)}${requestText(request)}, by instance ${request.instance}\n`,
  endRequest: (request, { status, complete, duration }) =>
    `${time(request.start + duration)}${requestText(request)} = ${endText(status, complete)} <${seconds(duration)}>\n`,
};

/** Returns the beginning of a line. */
function time(milliseconds: number): string {
  return `${seconds(milliseconds).padStart(10)} `;
}

function requestText({ number, method, path }: TracedHead): string {
  return `#${number} ${method} ${text(path).slice(1, -1)}`;
}

function endText(status: number | undefined, complete: boolean): string {
  return status === undefined ? "no response" : `${status}${complete ? "" : ", broken off"}`;
}

function callText({ instance, name, args: { self, ...args }, start, request }: Call): string {
  const values = Object.values(args).map(text).join(", ");
  const own = request === undefined ? "" : `#${request} `;
  return `${time(start)}${own}${shortInstance(instance)} ${shortName(name, self)}(${values})`;
}

function outcomeText(outcome: Outcome): string {
  if (outcome.kind === "end") return `? ${outcome.message}`;
  const shown = outcome.value === undefined ? "" : text(outcome.value);
  if (outcome.kind === "err") return shown === "" ? "err" : `err ${shown}`;
  return shown === "" ? "ok" : shown;
}

/** Shortens `wasi:sockets/tcp@0.2.3` to `sockets/tcp`. */
export function shortInstance(instance: string): string {
  return instance.replace(/^wasi:/, "").replace(/@.*/s, "");
}

/** Shortens `[method]tcp-socket.start-bind`, called on `tcp-socket#1`, to `tcp-socket#1.start-bind`. */
function shortName(name: string, self: Shown | undefined): string {
  const [, kind, rest = name] = /^\[([\w-]+)\](.*)$/.exec(name) ?? [];
  if (kind === "resource-drop") return `${text(self ?? null)}.drop`;
  return kind === "method" && self !== undefined ? `${text(self)}${rest.slice(rest.indexOf("."))}` : rest;
}

/** JSON lines. A call that waits first has another line, with `waits` in place of a result. */
const jsonLines: Format = {
  wait: ({ instance, name, args, start, request }) =>
    jsonLine({ time: Number(seconds(start)), request, interface: instance, function: name, args, waits: true }),
  end({ instance, name, args, start, request }, outcome, duration) {
    const { kind, ...what } = outcome;
    const result = { [kind]: "message" in what ? what.message : (what.value ?? null) };
    const times = { time: Number(seconds(start)), duration: Number(seconds(duration)) };
    return jsonLine({ ...times, request, interface: instance, function: name, args, ...result });
  },
  beginRequest: ({ number, method, path, instance, start }) =>
    jsonLine({ time: Number(seconds(start)), request: number, method, path, instance }),
  endRequest: ({ number, start }, { status, complete, duration }) =>
    jsonLine({
      time: Number(seconds(start + duration)),
      duration: Number(seconds(duration)),
      request: number,
      status: status ?? null,
      complete,
    }),
};

function jsonLine(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}

/**
 * The array of the trace event format (Google's "Trace Event Format"), which may lack its end on stderr: a guest may be killed at
 * any time. In a file it never does. Each socket and file has a lane (a thread in that format); in a server, each request. A call that may wait
 * has separate begin and end events, so that one that never ends is visible too.
 */
class Chrome implements Format {
  readonly opening = "[\n";
  readonly closing = "]\n";
  readonly #lanes = new Set<number>();
  #first = true;

  begin(call: Call): string {
    return this.#event(call, { ph: "B", args: call.args });
  }

  end(call: Call, outcome: Outcome, duration: number): string {
    const args = { result: outcomeText(outcome) };
    if (call.mayWait) return this.#event(call, { ph: "E", args }, duration);
    return this.#event(call, { ph: "X", dur: microseconds(duration), args: { ...call.args, ...args } });
  }

  beginRequest({ instance, ...request }: TracedHead): string {
    return this.#requestEvent(request, { ph: "B", args: { instance } });
  }

  endRequest(request: TracedHead, { status, complete, duration }: TracedEnd): string {
    return this.#requestEvent(request, { ph: "E", args: { status: status ?? null, complete } }, duration);
  }

  #requestEvent({ method, path, lane, start }: Omit<TracedHead, "instance">, what: object, later = 0): string {
    return this.#inLane(lane, { name: `${method} ${path}`, cat: "request", ts: microseconds(start + later), ...what });
  }

  #event({ instance, name, lane, start, args: { self } }: Call, what: object, later = 0): string {
    const title = { name: shortName(name, self), cat: shortInstance(instance) };
    return this.#inLane(lane, { ...title, ts: microseconds(start + later), ...what });
  }

  #inLane(lane: Lane, event: object): string {
    const common = { pid: 1, tid: lane.id };
    const lines = [{ ...common, ...event }];
    if (this.#lanes.has(lane.id)) return this.#lines(lines);
    this.#lanes.add(lane.id);
    return this.#lines([{ name: "thread_name", ph: "M", ...common, args: { name: lane.name } }, ...lines]);
  }

  #lines(events: readonly object[]): string {
    return events
      .map((event) => {
        const before = this.#first ? "" : ",";
        this.#first = false;
        return `${before}${JSON.stringify(event)}\n`;
      })
      .join("");
  }
}
