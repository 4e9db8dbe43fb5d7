import type { CelValue } from '@reckon/api/cel';

type Fields = Extract<CelValue, { readonly kind: 'map' }>;

/** What is looked at here was made by the expression itself: finding it costs nothing. */
const free = { charge: () => undefined } as unknown as Parameters<Fields['find']>[1];

/**
 * Why the type names of nested objects do not fit the fields that they stand in: `Object{spec: Object.status{}}`; '' if they do
 * (cel/mutation/dynamic `CheckTypeNamesMatchFieldPathNames`).
 */
export function typeMismatch(value: CelValue): string {
  if (!isObject(value)) return '';
  const problems: string[] = [];
  check(value, value.typeName, problems);
  return problems.join('\n');
}

const isObject = (value: CelValue): value is Fields =>
  typeof value === 'object' && value !== null && value.kind === 'map' && /^Object(\.|$)/.test(value.typeName);

function check(value: CelValue, expected: string, problems: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (value.kind === 'list') {
    for (let i = 0; i < value.size; i++) check(value.at(i), expected, problems);
  } else if (value.kind === 'map') {
    const isTyped = isObject(value);
    if (isTyped && value.typeName !== expected)
      problems.push(
        `unexpected type name "${value.typeName}", expected "${expected}", which matches field name path from root Object type`,
      );
    for (const key of value.keys()) {
      const member = value.find(key, free);
      // Names of fields are texts; keys of other kinds stand in plain maps.
      const inside = isTyped && typeof key === 'string' ? `${expected}.${key}` : expected;
      if (member !== undefined) check(member, inside, problems);
    }
  }
}

/** `value` of a JSONPatch. */
export const patchValue = (operation: CelValue): CelValue =>
  typeof operation === 'object' && operation?.kind === 'map' ? (operation.find('value', free) ?? null) : null;
