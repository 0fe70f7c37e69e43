/** How a stream of WASI 0.3 ended: the `result<_, error-code>` of the future that comes with it. */
export type StreamResult<ErrorCode> =
  | { readonly tag: "ok"; readonly val: undefined }
  | { readonly tag: "err"; readonly val: ErrorCode };

/** An `error-code` of WASI 0.3, which is a variant. */
export interface ErrorPayload {
  readonly tag: string;
  /** A message for people, with `other`. */
  readonly val?: string | undefined;
}

export const success = { tag: "ok", val: undefined } as const;

export function failure<ErrorCode>(code: ErrorCode): StreamResult<ErrorCode> {
  return { tag: "err", val: code };
}
