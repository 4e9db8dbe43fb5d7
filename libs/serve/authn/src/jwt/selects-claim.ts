import { type CelNode, parseCel } from '@reckon/api/cel';

/** Whether an expression that compiles reads `claims.<name>` or `claims.?<name>` anywhere; an index by text is not looked into, as upstream. */
export function selectsClaim(expression: string, name: string): boolean {
  const { node } = parseCel(expression);
  return node !== undefined && holds(node, name);
}

function holds(node: CelNode, name: string): boolean {
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return false;
    case 'select':
      if (node.field === name && node.operand.kind === 'ident' && node.operand.name === 'claims') return true;
      return holds(node.operand, name);
    case 'call':
      return [...node.arguments, ...(node.target === undefined ? [] : [node.target])].some((n) => holds(n, name));
    case 'list':
      return node.elements.some(({ value }) => holds(value, name));
    case 'map':
      return node.entries.some(({ key, value }) => holds(key, name) || holds(value, name));
    case 'message':
      return node.fields.some(({ value }) => holds(value, name));
  }
}
