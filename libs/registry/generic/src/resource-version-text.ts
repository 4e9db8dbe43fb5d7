import { type Revision, noRevision, parseRevision } from '@reckon/store/contract';

/** Go's `strconv.ParseUint(text, 10, 64)` error, or undefined when the text is a resourceVersion. */
export function resourceVersionProblem(text: string): string | undefined {
  if (/^\d+$/.test(text)) {
    return parseRevision(text) === undefined && BigInt(text) > maxUint64
      ? `strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`
      : undefined;
  }
  return `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
}

/** A resourceVersion of a request; '' and '0' are 0. Numbers beyond 2^53 stand for "newer than anything". */
export function requestedRevision(text: string): Revision {
  if (text === '') return noRevision;
  return parseRevision(text) ?? (Number.MAX_SAFE_INTEGER as Revision);
}

const maxUint64 = 2n ** 64n - 1n;
