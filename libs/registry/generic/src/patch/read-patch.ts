import { deepestNesting, JsonSyntaxError, parseJsonNode, scanJson, valueOf, type JsonNode } from '@reckon/api/kinds';

/** A patch as it was sent. */
export interface ReadPatch {
  readonly value: unknown;
  /** `duplicate field "spec.replicas"`: members that are there twice, of which the last counts. */
  readonly duplicates: readonly string[];
}

/** Parses a patch. Throws JsonSyntaxError with Go's text. */
export function readPatch(body: Buffer): ReadPatch {
  const scan = scanJson(body);
  if (scan.isPlain && scan.depth <= deepestNesting) {
    try {
      const value: unknown = JSON.parse(body.toString());
      if (countKeys(value) === scan.keys) return { value, duplicates: [] };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  const node = parseJsonNode(body);
  const duplicates: string[] = [];
  findDuplicates(node, '', duplicates);
  return { value: valueOf(node), duplicates };
}

export { JsonSyntaxError };

/** Fewer keys in the value than in the text: some were there twice. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item);
    return count;
  }
  for (const item of Object.values(value)) count += 1 + countKeys(item);
  return count;
}

function findDuplicates(node: JsonNode, path: string, out: string[]): void {
  if (node.kind === 'array') {
    for (const [i, item] of node.items.entries()) findDuplicates(item, `${path}[${String(i)}]`, out);
  } else if (node.kind === 'object') {
    const seen = new Set<string>();
    for (const [key, child] of node.members) {
      const at = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) out.push(`duplicate field "${at}"`);
      seen.add(key);
      findDuplicates(child, at, out);
    }
  }
}
