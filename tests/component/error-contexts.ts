/** The built-ins of error contexts, for guests that are written by hand. */
import { type CoreFuncs, call, log, withMemory } from "./async/guest.ts";

const memory = '(memory (core memory $l "memory"))';

export const errorContexts: CoreFuncs = {
  "error.new": ["(param i32 i32) (result i32)", `error-context.new ${memory}`],
  "error.new-utf16": ["(param i32 i32) (result i32)", `error-context.new string-encoding=utf16 ${memory}`],
  "error.new-latin1": ["(param i32 i32) (result i32)", `error-context.new string-encoding=latin1+utf16 ${memory}`],
  "error.message": ["(param i32 i32)", `error-context.debug-message ${withMemory}`],
  "error.message-utf16": ["(param i32 i32)", `error-context.debug-message string-encoding=utf16 ${withMemory}`],
  "error.drop": ["(param i32)", "error-context.drop"],
};

/** Logs the length of the message that was written to 64, and its first four bytes. */
export const logMessage = `${log("(i32.load (i32.const 68))")} ${log("(i32.load (i32.load (i32.const 64)))")}`;

/** Logs the message of an error context. */
export const message = (handle: string | number): string => `${call("error.message", handle, 64)} ${logMessage}`;

/** The bytes of a text of up to four characters, as a number. */
export function word(text: string): number {
  return [...text].reduce((all, char, i) => all | (char.charCodeAt(0) << (8 * i)), 0) >>> 0;
}
