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
    else if (!isObject(value)) set(result, key, value);
    else {
      const before = Object.hasOwn(result, key) ? result[key] : undefined;
      set(result, key, isObject(before) ? applyMergePatch(before, value, touched) : withoutNulls(value));
    }
  }
  return result;
}

/** A patch for something that is not there: what remains when its removals have nothing to remove. Lists are left as they are. */
function withoutNulls(patch: Json): Json {
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) delete patch[key];
    else if (isObject(value)) withoutNulls(value);
  }
  return patch;
}

function set(object: Json, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}
