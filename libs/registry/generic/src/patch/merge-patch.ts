type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Applies a JSON merge patch (RFC 7386) in place: objects member by member, null removes, all else replaces. `patch` is used up.
 * Objects that were merged are put into `touched`.
 */
export function applyMergePatch(document: Json, patch: Json, touched: Set<object>): Json {
  touched.add(document);
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (value === null) delete document[key];
    else if (!isObject(value)) set(document, key, value);
    else {
      const before = Object.hasOwn(document, key) ? document[key] : undefined;
      set(document, key, isObject(before) ? applyMergePatch(before, value, touched) : withoutNulls(value));
    }
  }
  return document;
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
