/**
 * What WASI's interfaces have, so that a component that imports something else by their names is refused before it runs. An item
 * is written as in WIT, on one line and without what makes no difference to a caller:
 *
 *     resource                                   a resource
 *     record { port: u16, address: ipv4-address }, variant { some(u8), none }, enum { a, b }, flags { a, b }
 *     (u64) -> result<list<u8>, stream-error>    a function; parameters have no names, methods no `self`, constructors no result
 *     async (u64) -> stream<u8>                  an `async func`
 *
 * A resource's name stands for handles of both kinds, own and borrow. Types are known in their whole package, and those of
 * wasi:io 0.2 and wasi:clocks everywhere. Names of other types (`duration`) are not there: what they stand for is.
 */
export type Interfaces = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Whether the text of an item is a function's. */
export function isFunction(text: string): boolean {
  return text.startsWith("(") || text.startsWith("async ");
}
