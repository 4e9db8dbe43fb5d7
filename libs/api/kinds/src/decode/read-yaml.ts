import { isMap, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';
import { DecodeError } from './decode-node';
import { TypeMetaError } from './type-meta';

/** YAML 1.1 as upstream's library reads it: no dates, no base-60 numbers. */
const skippedTags = new Set(['tag:yaml.org,2002:timestamp']);

/**
 * The first document of a YAML body as a JSON value, with keys in order as upstream's detour over JSON leaves them.
 * `duplicates` is upstream's text for keys that were there twice.
 */
export function readYaml(body: Buffer): { readonly value: unknown; readonly duplicates: string | undefined } {
  const lines = new LineCounter();
  const documents = parseAllDocuments(body.toString('utf8'), {
    version: '1.1',
    uniqueKeys: false,
    lineCounter: lines,
    merge: true,
    logLevel: 'silent',
    intAsBigInt: false,
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !(skippedTags.has(tag.tag) || tag.format === 'TIME')),
  });
  const [document] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return { value: null, duplicates: undefined };
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? 1;
    throw new TypeMetaError(`yaml: line ${String(line)}: ${firstLine(error.message)}`);
  }

  const twice: string[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) {
          const line = lines.linePos(key.range?.[0] ?? 0).line;
          twice.push(`  line ${String(line)}: key "${name}" already set in map`);
        }
        seen.add(name);
      }
    },
  });
  const duplicates = twice.length === 0 ? undefined : `yaml: unmarshal errors:\n${twice.join('\n')}`;
  if (isMap(document.contents) || document.contents !== null) {
    try {
      return { value: sortKeys(document.toJS({ maxAliasCount: 1000 })), duplicates };
    } catch (cause) {
      if (cause instanceof ReferenceError) throw new TypeMetaError('yaml: document contains excessive aliasing');
      throw cause;
    }
  }
  return { value: null, duplicates };
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value === 'number' && !Number.isFinite(value)) throw new DecodeError('json: unsupported value');
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortKeys(item)]));
}
