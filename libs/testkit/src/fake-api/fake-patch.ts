/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  return merge(target, patch, () => undefined);
}

/** Of the lists that are merged by key the ones that controllers patch; every other list is replaced. */
const mergeKeys: Readonly<Record<string, string>> = {
  ownerReferences: 'uid',
  conditions: 'type',
  containers: 'name',
  taints: 'key',
  addresses: 'type',
};

/** Strategic merge patch with the merge keys above, `$patch: delete` and lists of plain values for `finalizers`. */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  return merge(target, patch, (key) => mergeKeys[key]);
}

function merge(target: unknown, patch: unknown, mergeKeyOf: (field: string) => string | undefined): unknown {
  if (!isMap(patch)) return patch;
  const out: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    const mergeKey = mergeKeyOf(field);
    if (field === '$deleteFromPrimitiveList/finalizers')
      out['finalizers'] = ((out['finalizers'] ?? []) as unknown[]).filter((f) => !(value as unknown[]).includes(f));
    else if (value === null) delete out[field];
    else if (Array.isArray(value) && mergeKey !== undefined)
      out[field] = mergeList(out[field], value, mergeKey, mergeKeyOf);
    else if (Array.isArray(value) && field === 'finalizers' && mergeKeyOf('conditions') !== undefined)
      out[field] = [...new Set([...((out[field] ?? []) as unknown[]), ...(value as unknown[])])];
    else out[field] = merge(out[field], value, mergeKeyOf);
  }
  return out;
}

function mergeList(
  target: unknown,
  patch: readonly unknown[],
  key: string,
  mergeKeyOf: (field: string) => string | undefined,
): unknown[] {
  let out = Array.isArray(target) ? [...(target as unknown[])] : [];
  for (const item of patch) {
    if (!isMap(item)) continue;
    const at = out.findIndex((o) => isMap(o) && o[key] === item[key]);
    if (item['$patch'] === 'delete') out = out.filter((_, i) => i !== at);
    else if (at === -1) out.push(item);
    else out[at] = merge(out[at], item, mergeKeyOf);
  }
  return out;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
