import { JsonSyntaxError, parseJsonNode } from '@reckon/api/kinds';

/** What Go says of a text that is no JSON. */
export function syntaxProblem(body: Buffer): string {
  if (body.length === 0) return 'unexpected end of JSON input';
  try {
    parseJsonNode(body);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
  return 'invalid JSON';
}
