/**
 * Equality of JSON data as apiequality.Semantic.DeepEqual sees it: an absent list or map equals an empty one, the order of
 * keys is nothing. Quantities and times are text here: canonical text is equal where the values are (decoding makes it so).
 *
 * JSON does not tell an empty map from a pointer to an empty struct, and those differ from nothing: `podSelector: {}` is all
 * pods, no podSelector is none. So `{}` equals absence only under names that are maps in every kind; elsewhere a spurious
 * difference is the lesser evil than an update that is lost.
 */
const mapFields: ReadonlySet<string> = new Set([
  'allocatable',
  'annotations',
  'binaryData',
  'capacity',
  'data',
  'hard',
  'labels',
  'limits',
  'matchLabels',
  'nodeSelector',
  'requests',
  'stringData',
  'used',
]);

export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && listsEqual(a, b);
  return !Array.isArray(b) && objectsEqual(a as Record<string, unknown>, b as Record<string, unknown>);
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

function isEmptyMap(key: string, value: unknown): boolean {
  if (!mapFields.has(key) || typeof value !== 'object' || value === null) return false;
  return Object.keys(value).length === 0;
}

function listsEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!semanticEqual(a[i], b[i])) return false;
  return true;
}

function objectsEqual(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  for (const key of Object.keys(a)) {
    const left = isEmptyMap(key, a[key]) ? undefined : a[key];
    const other = Object.hasOwn(b, key) ? b[key] : undefined;
    if (!semanticEqual(left, isEmptyMap(key, other) ? undefined : other)) return false;
  }
  for (const key of Object.keys(b)) {
    if (!Object.hasOwn(a, key) && !isNothing(b[key]) && !isEmptyMap(key, b[key])) return false;
  }
  return true;
}
