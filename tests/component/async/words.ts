/** What the core code of several tests' guests is written in, and the numbers that its calls return and its events have. */
import { call, drop, i32, log, logEvent, setOf } from "./guest.ts";

/** What a read or write returns: it waits; or how many values went, packed with how it ended. */
export const BLOCKED = 0xffff_ffff;
export const completed = (count: number): number => count << 4;
export const dropped = (count: number): number => 1 | (count << 4);
export const cancelled = (count: number): number => 2 | (count << 4);

/** Codes of events. */
export const [SUBTASK, STREAM_READ, STREAM_WRITE, FUTURE_READ, FUTURE_WRITE] = [1, 2, 3, 4, 5];

/** States of a subtask, and what an async call returns that goes on as the subtask of that index. */
export const [STARTED, RETURNED, CANCELLED] = [1, 2, 4];
export const started = (index: number): number => STARTED | (index << 4);

/** What a callback lift returns. */
export const [EXIT, YIELD] = [i32(0), i32(1)];

/** A call of a built-in, whose result is logged, or dropped. */
export const logged = (name: string, ...args: readonly (string | number)[]): string => log(call(name, ...args));
export const ignored = (name: string, ...args: readonly (string | number)[]): string => drop(call(name, ...args));

export const store = (at: number, value: number): string => `(i32.store ${i32(at)} ${i32(value)})`;
/** Logs what lies there. */
export const load = (at: number): string => log(`(i32.load ${i32(at)})`);
/** Where results of calls go. */
export const OUT = 512;

/** Waits for the end `$r`, `$w`, or for subtask 1, in a new set, `$s`; and logs the event. */
export const readEvent = `${setOf("r")} ${logEvent()}`;
export const writeEvent = `${setOf("w")} ${logEvent()}`;
export const awaited = `(local.set $t ${i32(1)}) ${setOf("t")} ${logEvent()}`;
