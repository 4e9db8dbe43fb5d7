/** A flag's value that cannot be used. */
export class OptionError extends Error {
  readonly code = 'Option';
  constructor(
    message: string,
    readonly hint: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'OptionError';
  }
}
