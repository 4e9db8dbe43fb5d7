import { NumberSyntaxError, parseInt64 } from './go-number';
import { statusErrors } from './status-error';

/**
 * Query values as Go converts them (k8s.io/apimachinery/pkg/runtime, conversion.go): the first of a repeated name counts, a
 * boolean is true unless it says `false` or `0`, and a bad number is a 400 with Go's words.
 */
export type QueryValues = Pick<URLSearchParams, 'get' | 'getAll' | 'has'>;

export const queryText = (query: QueryValues, name: string): string => query.get(name) ?? '';

/** Undefined where the name is absent; `?name=` is true. */
export function queryFlag(query: QueryValues, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const lower = text.toLowerCase();
  return lower !== 'false' && lower !== '0';
}

/** Undefined where the name is absent. Throws a 400 `StatusError`. Larger than 2^53 is rounded: nobody waits so long. */
export function queryNumber(query: QueryValues, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  try {
    return Number(parseInt64(text));
  } catch (error) {
    if (error instanceof NumberSyntaxError) throw statusErrors.badRequest(error.message, error);
    throw error;
  }
}
