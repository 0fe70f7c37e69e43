/** How a stream of WASI 0.3 has ended, as the future beside it says: `result<_, error-code>`. */
export type End<ErrorCode> =
  | { readonly tag: "ok"; readonly val: undefined }
  | { readonly tag: "err"; readonly val: ErrorCode };

/** An error-code of WASI 0.3: a variant. */
export interface ErrorPayload {
  readonly tag: string;
  /** With `other`, for people. */
  readonly val?: string | undefined;
}

export const success = { tag: "ok", val: undefined } as const;

export function failure<ErrorCode>(code: ErrorCode): End<ErrorCode> {
  return { tag: "err", val: code };
}
