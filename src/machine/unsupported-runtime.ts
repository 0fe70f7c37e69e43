/** Thrown when this runtime cannot host Pollux as it is. The message is one sentence that says what to use instead. */
export class UnsupportedRuntime extends Error {
  override readonly name = "UnsupportedRuntime";
}
