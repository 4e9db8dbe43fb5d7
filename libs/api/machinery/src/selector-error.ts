/** A label or field selector that cannot be read; the message is upstream's, ready for a 400. */
export class SelectorError extends Error {
  readonly code = 'InvalidSelector';
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}
