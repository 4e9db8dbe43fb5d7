import type { Token } from './cel-tokens';
import { celTypes, type CelType } from './cel-type';

export type Literal = { readonly type: CelType; readonly text?: string } | { readonly problem: string };

/** The type of a literal, and the text of one that validators look into; numbers must fit into 64 bits. */
export function literalOf({ kind, text }: Token, sign: '' | '-'): Literal {
  switch (kind) {
    case 'NUM_INT': {
      const value = sign === '-' ? -BigInt(text) : BigInt(text);
      return BigInt.asIntN(64, value) === value ? { type: celTypes.int } : { problem: 'invalid int literal' };
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1));
      return BigInt.asUintN(64, value) === value ? { type: celTypes.uint } : { problem: 'invalid uint literal' };
    }
    case 'NUM_FLOAT':
      return Number.isFinite(Number(text)) ? { type: celTypes.double } : { problem: 'invalid double literal' };
    case 'STRING':
      return { type: celTypes.string, ...plainText(text) };
    case 'BYTES':
      return { type: celTypes.bytes };
    case "'true'":
    case "'false'":
      return { type: celTypes.bool };
    default:
      return { type: celTypes.null };
  }
}

/** Only of a text without escapes; what is escaped is not looked into. */
function plainText(token: string): { text?: string } {
  const inner = /^([rR]?)("""|'''|"|')([^]*)\2$/.exec(token);
  if (inner === null) return {};
  const [, raw, , text = ''] = inner;
  return raw === '' && text.includes('\\') ? {} : { text };
}
