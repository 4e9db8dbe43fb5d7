/** The sentences that several rules share (k8s.io/apimachinery/pkg/util/validation and pkg/api/validate/content). */

/** A rule over text: the reasons against it, empty when it holds. */
export type TextRule = (value: string) => string[];

/** Lengths are those of UTF-8, as Go's `len`; upstream says characters in `util/validation`. */
export const maximumCharacters = (length: number): string => `must be no more than ${String(length)} characters`;

/** The same limit as said by `api/validate/content`: label keys and label values. */
export const maximumBytes = (length: number): string => `must be no more than ${String(length)} bytes`;

export const mustNotBeEmpty = 'must be non-empty';

export const inclusiveRange = (low: number, high: number): string =>
  `must be between ${String(low)} and ${String(high)}, inclusive`;

export const mustBeAtLeast = (low: number): string => `must be greater than or equal to ${String(low)}`;

/** `what (e.g. 'a',  or 'b', regex used for validation is 'pattern')`: the two spaces are upstream's. */
export function patternMessage(what: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${what} (regex used for validation is '${pattern}')`;
  const shown = examples.map((e) => `'${e}', `).join(' or ');
  return `${what} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** Length in UTF-8 without encoding what is plain ASCII-sized anyway. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Whether `text` has more than `limit` bytes in UTF-8; cheap for short text. */
export function isLongerThan(text: string, limit: number): boolean {
  if (text.length > limit) return true;
  // A UTF-16 unit takes at most three bytes.
  return text.length * 3 > limit && utf8Length(text) > limit;
}
