/** Something that a person asked for and cannot have; `hint` says what to do. */
export class HistoryError extends Error {
  constructor(
    readonly code:
      'BadMoment' | 'UnknownResource' | 'BadName' | 'Compacted' | 'NotAnExport' | 'Refused' | 'Unreachable',
    message: string,
    readonly hint: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'HistoryError';
  }
}
