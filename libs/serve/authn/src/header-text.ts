/** Node reads the bytes of headers as Latin-1, and clients write UTF-8: a name must be the same wherever it comes from. */
export function headerText(value: string): string {
  return /^[\u0000-\u007f]*$/.test(value) ? value : Buffer.from(value, 'latin1').toString('utf8');
}
