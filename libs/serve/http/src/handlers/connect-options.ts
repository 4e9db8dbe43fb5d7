import type { Decoder, FieldFacts, KindRegistry } from '@reckon/api/kinds';
import type { GroupVersionKind, KubeObject } from '@reckon/api/machinery';

/**
 * The query of a stream as the object that admission sees of it (PodExecOptions, PodAttachOptions, …); undefined where the kind has
 * none. It has no metadata, and whoever asks for some finds none.
 */
export function connectOptions(
  { kinds, decoder }: { readonly kinds: KindRegistry; readonly decoder: Decoder },
  kind: GroupVersionKind,
  { query, path }: { readonly query: URLSearchParams; readonly path: string },
): KubeObject | undefined {
  const struct = kinds.structOf(kind);
  if (struct === undefined) return undefined;
  const found: Record<string, unknown> = {};
  for (const field of struct.fields) {
    const texts = field.name === 'path' && path !== '' ? [`/${path}`] : query.getAll(field.name);
    const value = texts.length === 0 ? undefined : valueOf(field.type, texts);
    if (value !== undefined) found[field.name] = value;
  }
  const { object } = decoder.normalize(found, { expected: kind, strict: false });
  return Object.defineProperty(object, 'metadata', { value: {}, enumerable: false });
}

/** As Go reads query parameters (apimachinery/pkg/conversion/queryparams): a flag that is there is set, unless it says no. */
function valueOf(type: FieldFacts['type'], texts: readonly string[]): unknown {
  const [first = ''] = texts;
  switch (type.kind) {
    case 'pointer':
      return valueOf(type.of, texts);
    case 'bool':
      return !['false', '0'].includes(first.toLowerCase());
    case 'slice':
      return type.of.kind === 'string' ? [...texts] : texts.map(Number).filter(Number.isSafeInteger);
    case 'int':
    case 'int32':
    case 'int64':
      return Number.isSafeInteger(Number(first)) ? Number(first) : undefined;
    case 'string':
      return first;
    default:
      return undefined;
  }
}
