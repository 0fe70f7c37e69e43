/**
 * The items of WASI's interfaces with their types, so that a component that imports something else under these names is
 * refused before it runs. An item is written as in WIT, on one line, without what makes no difference to a caller:
 *
 *     resource                                   a resource
 *     record { port: u16, address: ipv4-address }, variant { some(u8), none }, enum { a, b }, flags { a, b }
 *     (u64) -> result<list<u8>, stream-error>    a function; parameters have no names, methods no `self`, constructors no result
 *     async (u64) -> stream<u8>                  an `async func`
 *
 * A resource's name stands for both kinds of handle, own and borrow. A type's name is known in its whole package; those
 * of wasi:io 0.2 and wasi:clocks are known everywhere. Aliases (`duration`) are not in the tables: the type they stand
 * for is written instead.
 */
export type Interfaces = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Returns whether the text of an item is that of a function. */
export function isFunction(text: string): boolean {
  return text.startsWith("(") || text.startsWith("async ");
}
