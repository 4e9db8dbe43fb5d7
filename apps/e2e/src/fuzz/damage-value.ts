import type { Random } from '@reckon/kernel';

const words = [
  '',
  ' ',
  'a',
  '0',
  '-1',
  '..',
  '../x',
  '%00',
  'a/b',
  'a/b/c',
  'Größe',
  '日本',
  '\u0000',
  '\ud800',
  '\u2028',
  'x'.repeat(64),
  'x'.repeat(300),
  'A_b',
  '-a-',
  'a.b.c',
  '__proto__',
  'constructor',
  'toString',
  '${}',
  '$(A)',
  '{{.}}',
  '10.0.0.1',
  '::1',
  '10.0.0.0/8',
  '300.1.1.1',
  '1Gi',
  '1e3',
  '0.1m',
  '1e999999999',
  '100%',
  '2026-01-02T03:04:05Z',
  '0001-01-01T00:00:00Z',
  '10000-01-01T00:00:00Z',
  '*/5 * * * *',
  '* * * * * *',
  'TZ=Nowhere * * * * *',
  'Always',
  'TCP',
  'http://[::1',
  '(a',
  'size(self) > 1',
  'kubernetes.io/hostname',
  'AAEC',
  '=',
];

const numbers = [0, 1, -1, 2, 3.5, 80, 65_536, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e21, 1e308, -0];
const keys = ['__proto__', 'constructor', 'hasOwnProperty', '', 'nope', 'NAME', 'Name', 'name', 'a.b', 'x'.repeat(300)];

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

/** Where a value stands: in `owner` (an object or a list that may be changed) under `key`. */
interface Place {
  readonly owner: Record<string, Value> | Value[];
  readonly key: string | number;
}

/** `object` with `faults` of its values changed for such as do not fit there. Takes `object` over. */
export function damageValue(object: Value, faults: number, random: Random): Value {
  const root: Value[] = [object];
  for (let fault = 0; fault < faults; fault++) {
    const places = placesIn(root);
    const place = places[random.int(places.length)];
    if (place !== undefined) damageAt(place, random);
  }
  return root[0] ?? null;
}

/** A value of any shape. */
export function anyValue(random: Random, depth = 0): Value {
  switch (random.int(depth > 3 ? 5 : 7)) {
    case 0:
      return null;
    case 1:
      return random.int(2) === 1;
    case 2:
      return pick(numbers, random) ?? 0;
    case 3:
    case 4:
      return pick(words, random) ?? '';
    case 5:
      return Array.from({ length: random.int(3) }, () => anyValue(random, depth + 1));
    default: {
      const made: Record<string, Value> = {};
      for (let left = random.int(3); left > 0; left--) set(made, pick(keys, random) ?? '', anyValue(random, depth + 1));
      return made;
    }
  }
}

function damageAt({ owner, key }: Place, random: Random): void {
  const value = valueAt({ owner, key });
  switch (random.int(8)) {
    case 0:
      set(owner, key, null);
      return;
    case 1:
      if (Array.isArray(owner)) owner.splice(Number(key), 1);
      else Reflect.deleteProperty(owner, key);
      return;
    case 2:
      // Twice in a list, or under a name of another case.
      if (Array.isArray(owner)) owner.splice(Number(key), 0, structuredClone(value));
      else set(owner, String(key).toUpperCase(), structuredClone(value));
      return;
    case 3:
      if (!Array.isArray(owner)) set(owner, pick(keys, random) ?? '', anyValue(random));
      else owner.push(anyValue(random));
      return;
    case 4:
      set(owner, key, [value]);
      return;
    case 5:
      if (typeof value === 'string') set(owner, key, pick(words, random) ?? '');
      else if (typeof value === 'number') set(owner, key, pick(numbers, random) ?? 0);
      else set(owner, key, Array.isArray(value) ? [] : {});
      return;
    case 6:
      if (typeof value === 'string') set(owner, key, value + (pick(words, random) ?? ''));
      else set(owner, key, anyValue(random));
      return;
    default:
      set(owner, key, anyValue(random));
  }
}

function placesIn(root: Value[]): Place[] {
  const places: Place[] = [];
  const walk = (value: Value): void => {
    if (typeof value !== 'object' || value === null) return;
    const owner = value as Place['owner'];
    for (const key of Array.isArray(owner) ? owner.keys() : Object.keys(owner)) {
      places.push({ owner, key });
      walk(valueAt({ owner, key }));
    }
  };
  walk(root[0] ?? null);
  return places.length > 0 ? places : [{ owner: root, key: 0 }];
}

const valueAt = ({ owner, key }: Place): Value => (owner as Record<string, Value>)[key] ?? null;

/** `__proto__` becomes a member like any other. */
function set(owner: Place['owner'], key: string | number, value: Value): void {
  Object.defineProperty(owner, key, { value, enumerable: true, writable: true, configurable: true });
}

function pick<T>(from: readonly T[], random: Random): T | undefined {
  return from[random.int(from.length)];
}
