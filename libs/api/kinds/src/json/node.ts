/** JSON as it was written: every member of every object, numbers by their digits. */
export type JsonNode =
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, value: JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'null' };

/** The node of a value that some other decoder has read (YAML, a patched object). */
export function nodeOf(value: unknown): JsonNode {
  if (value === null || value === undefined) return { kind: 'null' };
  switch (typeof value) {
    case 'string':
      return { kind: 'string', text: value };
    case 'boolean':
      return { kind: 'bool', value };
    case 'number':
    case 'bigint':
      return { kind: 'number', digits: String(value) };
    default:
      if (Array.isArray(value)) return { kind: 'array', items: value.map(nodeOf) };
      return { kind: 'object', members: Object.entries(value).map(([key, item]) => [key, nodeOf(item)] as const) };
  }
}

/** The plain value: the last of several equal keys counts; integers beyond 2^53 become bigint, so nothing is lost. */
export function valueOf(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object': {
      const object: Record<string, unknown> = {};
      for (const [key, value] of node.members) {
        // `__proto__` is a key like any other.
        Object.defineProperty(object, key, {
          value: valueOf(value),
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
      return object;
    }
    case 'array':
      return node.items.map(valueOf);
    case 'string':
      return node.text;
    case 'number':
      return numberOf(node.digits);
    case 'bool':
      return node.value;
    case 'null':
      return null;
  }
}

export function numberOf(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(digits) ? value : BigInt(digits);
}
