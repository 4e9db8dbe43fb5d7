import { goQuote } from '@reckon/api/machinery';

/** As Go's `%q` prints a list of strings. */
export const quotedList = (texts: readonly string[]): string => `[${texts.map(goQuote).join(' ')}]`;
