/**
 * Makes a function that turns the core's results into what the linker expects: it returns a value, and throws an error
 * code as the payload of `result`'s error.
 *
 * @param payload returns the WIT value of an error code
 */
export function orThrowAs<Code extends string>(payload: (code: Code) => unknown) {
  return <T>(result: T | Code): Exclude<T, string> => {
    if (typeof result === "string") throw payload(result as Code);
    return result as Exclude<T, string>;
  };
}

/** Throws error codes as they are, for WIT enums. */
export const orThrow = orThrowAs((code: string) => code);
