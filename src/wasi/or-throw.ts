/**
 * Makes the function that gives the linker a result of the core's as it wants it: the value, or its error code thrown, the payload
 * of `result`'s error.
 *
 * @param payload What WIT has for an error code
 */
export function orThrowAs<Code extends string>(payload: (code: Code) => unknown) {
  return <T>(result: T | Code): Exclude<T, string> => {
    if (typeof result === "string") throw payload(result as Code);
    return result as Exclude<T, string>;
  };
}

/** Error codes are thrown as they are. */
export const orThrow = orThrowAs((code: string) => code);
