const marker = '\u0000int64:';

/**
 * JSON.stringify for what clients sent. Integers beyond 2^53 are bigint in our objects, which JSON.stringify refuses: then, and
 * only then, they go out as marked strings whose quotes are taken off afterwards.
 */
export function stringifyJson(value: unknown, indent = 0): string {
  try {
    return indent === 0 ? JSON.stringify(value) : JSON.stringify(value, null, indent);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const marked = JSON.stringify(
    value,
    (_, item: unknown) => (typeof item === 'bigint' ? `${marker}${item.toString()}` : item),
    indent,
  );
  return marked.replace(/"\\u0000int64:(-?\d+)"/g, '$1');
}
