/**
 * How the lists of a kind merge, walked along with an object: what tells one element from another. `MergeSchema` of
 * `@reckon/api/kinds` is one.
 */
export interface Shape {
  readonly listType: { readonly type: 'atomic' | 'set' } | { readonly type: 'map'; readonly keys: readonly string[] };
  readonly patchMergeKey: string;
  child(name: string): Shape | undefined;
  readonly item: Shape | undefined;
}

/** The shape of a kind; undefined for one that nobody knows (custom resources): its lists go by position. */
export type ShapeOf = (object: { readonly apiVersion?: string; readonly kind?: string }) => Shape | undefined;

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Names of the elements of a list, `[name=app]`, by what tells them apart; undefined when they are told apart by position only,
 * or when two would have the same name.
 */
export function elementNames(list: readonly unknown[], shape: Shape | undefined): string[] | undefined {
  if (shape === undefined) return undefined;
  const keys =
    shape.listType.type === 'map'
      ? shape.listType.keys
      : shape.patchMergeKey === ''
        ? undefined
        : [shape.patchMergeKey];
  if (keys === undefined) return undefined;
  const names: string[] = [];
  for (const element of list) {
    if (!isObject(element)) return undefined;
    const parts = keys.filter((key) => Object.hasOwn(element, key)).map((key) => `${key}=${String(element[key])}`);
    if (parts.length === 0) return undefined;
    names.push(`[${parts.join(',')}]`);
  }
  return new Set(names).size === names.length ? names : undefined;
}

/** Elements are values, not objects: such a list changes as a whole. */
export const isPlainList = (list: readonly unknown[]): boolean =>
  list.every((element) => typeof element !== 'object' || element === null);

/** `spec` + `replicas`; names that are no words stand in brackets: `labels[app.kubernetes.io/name]`. */
export function childPath(path: string, name: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return `${path}[${name}]`;
  return path === '' ? name : `${path}.${name}`;
}
