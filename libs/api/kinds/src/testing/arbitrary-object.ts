import type { Random } from '@reckon/kernel';
import type { TypeRef } from '../go-type';
import type { StructType, TypeTable } from '../table';

const words = ['', 'a', 'web-0', 'Größe', '日本', 'x'.repeat(200), '"quoted" \\ \n', '__proto__', 'constructor', '0'];
const quantities = ['0', '1', '500m', '64Mi', '1Gi', '100', '2k'];
const times = ['2026-01-02T03:04:05Z', '1970-01-01T00:00:01Z', '2028-02-29T23:59:59Z'];

/** An object of a type with random fields, lists and values of every shape that JSON can carry for it. */
export function arbitraryObject(types: TypeTable, struct: StructType, random: Random): Record<string, unknown> {
  return ofStruct(struct, 0);

  function ofStruct(type: StructType, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    const chance = depth < 2 ? 0.7 : 0.3;
    for (const field of type.fields) {
      // Protobuf does not carry the kind of an object within an object, nor a table's cells.
      if (field.number === 0 || depth > 9 || random.float() > chance) continue;
      const value = ofType(field.type, depth + 1);
      // Nor does it tell an empty list from none, which one field does.
      if (field.keepsEmpty === true && Array.isArray(value) && value.length === 0) continue;
      object[field.name] = value;
    }
    return object;
  }

  function ofType(type: TypeRef, depth: number): unknown {
    switch (type.kind) {
      case 'struct':
        return ofStruct(types.struct(type.struct), depth);
      case 'pointer':
        return ofType(type.of, depth);
      case 'slice':
        return Array.from({ length: random.int(3) }, () => ofType(type.of, depth + 1));
      case 'map':
        return Object.fromEntries(
          Array.from({ length: random.int(3) }, () => [`k${pick(words)}`, ofType(type.of, depth + 1)]),
        );
      case 'string':
      case 'duration':
        return pick(words);
      case 'bool':
        return random.int(2) === 1;
      case 'int':
      case 'int32':
        return pick([0, 1, -1, 420, 2 ** 31 - 1, -(2 ** 31)]);
      case 'int64':
        return pick<number | bigint>([0, 1, -1, 1000, 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)]);
      case 'float64':
        return pick([0, 1, 0.5, -2.25, 1e21]);
      case 'bytes':
        return Buffer.from(pick(words)).toString('base64');
      case 'quantity':
        return pick(quantities);
      case 'time':
        return pick(times);
      case 'microTime':
        return pick(times).replace('Z', '.123456Z');
      case 'intOrString':
        return pick<number | string>([0, 80, -5, 'http', '25%', '']);
      case 'schemaOrBool':
        return pick([true, false, { type: 'string' }]);
      case 'schemaOrArray':
        return pick([{ type: 'string' }, [{ type: 'object' }, {}]]);
      case 'schemaOrStrings':
        return pick([{ type: 'string' }, ['a', 'b']]);
      default:
        return pick<unknown>([{ 'f:spec': { '.': {} } }, { a: [1, 'x', null, { b: true }] }, { big: 2n ** 60n + 1n }]);
    }
  }

  function pick<T>(from: readonly T[]): T {
    return from[random.int(from.length)] as T;
  }
}
