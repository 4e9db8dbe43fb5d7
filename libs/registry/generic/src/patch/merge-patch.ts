type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Applies a JSON merge patch (RFC 7386): objects member by member, null removes, all else replaces. What the patch goes through is
 * copied, the rest of the document is shared with the result; `patch` is used up. Copies are put into `touched`.
 */
export function applyMergePatch(document: Json, patch: Json, touched: Set<object>): Json {
  const result = { ...document };
  touched.add(result);
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) delete result[key];
    else {
      const before = Object.hasOwn(result, key) ? result[key] : undefined;
      set(result, key, merged(before, value, touched));
    }
  }
  return result;
}

function merged(before: unknown, value: unknown, touched: Set<object>): unknown {
  if (!isObject(before)) return withoutNulls(value, touched);
  return isObject(value) ? applyMergePatch(before, value, touched) : value;
}

/** A patch for something that is not there: what remains when its removals have nothing to remove, in the items of lists too. */
function withoutNulls(value: unknown, touched: Set<object>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  touched.add(value);
  if (Array.isArray(value)) for (const item of value) withoutNulls(item, touched);
  else {
    const object = value as Json;
    for (const key of Object.keys(object)) {
      if (object[key] === null) delete object[key];
      else withoutNulls(object[key], touched);
    }
  }
  return value;
}

function set(object: Json, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}
