import { seededRandom } from '@reckon/kernel';
import { describe, expect, it } from 'vitest';
import { stringifyObject } from '../json/stringify-object';
import { createKindRegistry } from '../kind-registry';
import { decodeProtobuf } from '../protobuf/decode';
import { arbitraryObject } from '../testing/arbitrary-object';
import { createDecoder, type Decoded } from './decoder';

const registry = createKindRegistry();
const decoder = createDecoder(registry);
const rounds = 4;

function decode(body: Buffer, contentType: string, expected: Decoded['expected']): Decoded {
  const decoded = decoder.decode(body, { contentType, expected, strict: true });
  if (decoded instanceof Promise) throw new Error('JSON and protobuf are decoded at once');
  return decoded;
}

/** The members of every object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, shuffled(item)]));
}

describe.each(registry.resources().map((row) => [`${row.group}/${row.version} ${row.kind}`, row] as const))(
  '%s',
  (_, row) => {
    it('is the same after JSON, after JSON in another order and after protobuf', () => {
      for (let seed = 1; seed <= rounds; seed++) {
        const raw = { ...arbitraryObject(registry.types, row.type, seededRandom(seed)), kind: row.kind };
        const { object } = decoder.normalize(raw, { expected: row, strict: true });
        const text = stringifyObject(object);
        const about = `seed ${String(seed)}`;

        const again = decode(Buffer.from(text), 'application/json', row);
        expect(stringifyObject(again.object), about).toBe(text);
        expect(again.strictErrors, about).toEqual([]);

        const reordered = decode(Buffer.from(stringifyObject(shuffled(object))), 'application/json', row);
        expect(stringifyObject(reordered.object), about).toBe(text);

        const message = registry.protobuf.message(row.type, object);
        const meta = { apiVersion: object.apiVersion ?? '', kind: row.kind };
        const body = registry.protobuf.body(meta, row.type, object);
        const unpacked = decode(body, 'application/vnd.kubernetes.protobuf', row);
        expect(stringifyObject(unpacked.object), about).toBe(text);
        const bare = decodeProtobuf(registry.types, row.type, message);
        expect(registry.protobuf.message(row.type, bare), about).toEqual(message);
      }
    });
  },
);
