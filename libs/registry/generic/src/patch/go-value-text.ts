/** A JSON value as Go's `%v` prints the maps and slices that it decodes to: `map[a:1 b:[x <nil>]]`, keys sorted. */
export function goValueText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValueText).join(' ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `map[${members.map(([key, item]) => `${key}:${goValueText(item)}`).join(' ')}]`;
  }
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goFloatText(value);
  return typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : '';
}

/** Integers by their digits; `%v` of a float turns to exponents below 1e-4 and from 1e21 on, with two digits at least. */
function goFloatText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  const isSmall = value !== 0 && Math.abs(value) < 1e-4;
  const text = isSmall ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** What Go calls the type of a decoded value. */
export function goTypeName(value: unknown): string {
  if (value === null) return '%!s(<nil>)';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
