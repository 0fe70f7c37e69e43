/**
 * How a guest waits. `blocking`: its thread sleeps; exported functions and imports are synchronous. `suspending`: its stack is put aside
 * by JSPI (Bun, Deno, Node 24.20 and later) while the rest of the program goes on; exported functions return promises, and imports may.
 */
export type Wait = "blocking" | "suspending";
