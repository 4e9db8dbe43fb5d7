import type { CelNode } from '../syntax/cel-node';

/** Declared names have no more parts than this. */
const mostParts = 4;

/** `a.b.c` of names and fields alone, where it is short enough to be declared. */
export function qualifiedName(node: CelNode): string | undefined {
  const fields: string[] = [];
  let at = node;
  while (at.kind === 'select' && !at.isOptional && fields.length < mostParts) {
    fields.unshift(at.field);
    at = at.operand;
  }
  return at.kind === 'ident' ? [at.name.replace(/^\./, ''), ...fields].join('.') : undefined;
}
