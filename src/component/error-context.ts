/**
 * A value of `error-context`, in JavaScript and in components: information about an error beside its type. It is passed by
 * identity.
 */
export class ErrorContext {
  /** A text for logs: no program should depend on it. */
  readonly debugMessage: string;

  /** @param debugMessage What is to be read of the error */
  constructor(debugMessage: string) {
    this.debugMessage = debugMessage;
  }
}
