import type { Token } from './cel-tokens';
import { celTypes, type CelType } from '../check/cel-type';
import { CelBytes, CelUint, type CelValue } from '../value/cel-value';
import { unquoteBytes, unquoteText } from './unquote';

export type Literal = { readonly type: CelType; readonly value: CelValue } | { readonly problem: string };

/** What a literal stands for; numbers must fit into 64 bits. */
export function literalOf({ kind, text }: Token, sign: '' | '-'): Literal {
  switch (kind) {
    case 'NUM_INT': {
      const value = sign === '-' ? -BigInt(text) : BigInt(text);
      return BigInt.asIntN(64, value) === value ? { type: celTypes.int, value } : { problem: 'invalid int literal' };
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1));
      return BigInt.asUintN(64, value) === value
        ? { type: celTypes.uint, value: new CelUint(value) }
        : { problem: 'invalid uint literal' };
    }
    case 'NUM_FLOAT': {
      const value = Number(sign + text);
      return Number.isFinite(value) ? { type: celTypes.double, value } : { problem: 'invalid double literal' };
    }
    case 'STRING': {
      const value = unquoteText(text);
      return value === undefined ? { problem: 'invalid unicode code point' } : { type: celTypes.string, value };
    }
    case 'BYTES': {
      const value = unquoteBytes(text);
      return value === undefined
        ? { problem: 'unable to unescape string' }
        : { type: celTypes.bytes, value: new CelBytes(value) };
    }
    case "'true'":
      return { type: celTypes.bool, value: true };
    case "'false'":
      return { type: celTypes.bool, value: false };
    default:
      return { type: celTypes.null, value: null };
  }
}
