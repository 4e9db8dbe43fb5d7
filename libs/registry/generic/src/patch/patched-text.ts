import { goJson } from '@reckon/api/machinery';

/**
 * A patched document as upstream shows it in errors: what the patch went through is a Go map by then, so its members are sorted, the
 * rest is as it was.
 */
export function patchedText(document: unknown, touched: ReadonlySet<object>): string {
  return goJson(inGoOrder(document, touched));
}

/** The document with its members in the order in which upstream reads them again. */
export function inGoOrder(value: unknown, touched: ReadonlySet<object>): unknown {
  if (typeof value !== 'object' || value === null || !touched.has(value)) return value;
  if (Array.isArray(value)) return value.map((item) => inGoOrder(item, touched));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, inGoOrder(item, touched)]));
}
