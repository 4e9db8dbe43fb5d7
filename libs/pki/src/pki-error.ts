/** Something is wrong with a file under `pki/`; `hint` says what to do about it. */
export class PkiError extends Error {
  readonly code = 'Pki';
  constructor(
    message: string,
    readonly hint: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = 'PkiError';
  }
}
