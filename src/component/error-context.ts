/**
 * A value of `error-context`, on the JavaScript side as in components: what is told of an error beside its type. All who have it
 * have the same one.
 */
export class ErrorContext {
  /** For who reads a log: nothing is to depend on it. */
  readonly debugMessage: string;

  /** @param debugMessage What is to be read of the error */
  constructor(debugMessage: string) {
    this.debugMessage = debugMessage;
  }
}
