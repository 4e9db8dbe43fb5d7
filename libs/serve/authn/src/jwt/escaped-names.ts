import { escapeName } from '@reckon/api/cel';

/**
 * A copy of JSON in which an expression finds names that are no identifiers by those that they are written as: `a.b` by
 * `a__dot__b` too, at any depth (plugin/pkg/authenticator/token/oidc `unescapeWrapper`). Nobody who counts or lists the names sees
 * the others.
 */
export function withEscapedNames<T extends object>(json: T): T {
  return copyOf(json, 0) as T;
}

/** No expression asks for what lies deeper, and a stack has an end. */
const deepest = 100;

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((part) => copyOf(part, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) {
    const inner = copyOf(part, depth + 1);
    // Defined, not assigned: a name may be `__proto__`.
    Object.defineProperty(copy, name, { value: inner, enumerable: true, configurable: true, writable: true });
    const escaped = escapeName(name);
    if (escaped === undefined || escaped === name || Object.hasOwn(copy, escaped) || Object.hasOwn(value, escaped))
      continue;
    Object.defineProperty(copy, escaped, { value: inner, enumerable: false });
  }
  return copy;
}
