const longest = 30;

/** The start of a body for an error message, as handlers.summarizeData: JSON as text, anything else in hexadecimal. */
export function summarizeBody(body: Buffer): string {
  if (body.length === 0) return '<empty>';
  const start = body.subarray(0, longest);
  const text = body[0] === 0x7b ? start.toString('utf8') : start.toString('hex');
  return body.length > longest ? `${text} ...` : text;
}
