/** This runtime cannot host Pollux as it is; the message is one sentence that says what to use instead. */
export class UnsupportedRuntime extends Error {
  override readonly name = "UnsupportedRuntime";
}
