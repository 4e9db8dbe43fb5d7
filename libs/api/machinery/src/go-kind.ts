/** What Go's decoder calls a JSON value in its messages: `cannot unmarshal <this> into …`. */
export function goKindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'number';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
