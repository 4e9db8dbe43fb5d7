import { goQuote } from './go-quote';

const int64Max = 2n ** 63n - 1n;
const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

/** Why a number in a query or name was refused; `message` is Go's `strconv.NumError` text. */
export class NumberSyntaxError extends Error {
  readonly code = 'NumberSyntax';
  constructor(parser: string, text: string, reason: 'invalid syntax' | 'value out of range') {
    super(`strconv.${parser}: parsing ${goQuote(text)}: ${reason}`);
    this.name = 'NumberSyntaxError';
  }
}

/** Go's `strconv.ParseInt(text, 10, 64)`. */
export function parseInt64(text: string, parser = 'ParseInt'): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) throw new NumberSyntaxError(parser, text, 'invalid syntax');
  // 40 digits are out of range already; the cut keeps a megabyte of digits from costing anything.
  const value = BigInt(trimZeros(text).slice(0, 41));
  if (value > int64Max || value < int64Min) throw new NumberSyntaxError(parser, text, 'value out of range');
  return value;
}

/** Go's `strconv.ParseUint(text, 10, 64)`. */
export function parseUint64(text: string): bigint {
  if (!/^[0-9]+$/.test(text)) throw new NumberSyntaxError('ParseUint', text, 'invalid syntax');
  const value = BigInt(trimZeros(text).slice(0, 41));
  if (value > uint64Max) throw new NumberSyntaxError('ParseUint', text, 'value out of range');
  return value;
}

/** As `parseInt64`, or undefined where the text is not an int64. */
export function tryParseInt64(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]{1,40}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value > int64Max || value < int64Min ? undefined : value;
}

const trimZeros = (text: string): string => text.replace(/^[+]?(-?)0*(?=[0-9])/, '$1');
