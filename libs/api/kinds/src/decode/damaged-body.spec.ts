import { StatusError } from '@reckon/api/machinery';
import { seededRandom } from '@reckon/kernel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { createDecoder, type Decoded } from './decoder';

const decoder = createDecoder(createKindRegistry());
const expected = { group: '', version: 'v1', kind: 'Pod' };
const good = Buffer.from(
  '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","labels":{"a":"b"},"creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1"}},"livenessProbe":{"httpGet":{"port":"x"}},"ports":[{"containerPort":80}]}],"nodeSelector":{"x":"y"}},"status":{}}',
);
const splinters = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  '1e999',
  '-',
  '\\',
  '\\u0000',
  '"__proto__":',
  '\xff',
  '0.1',
  'true',
];

it('a damaged body is decoded or refused with a Status, never anything else', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1, max: 6 }), (seed, faults) => {
      const random = seededRandom(seed);
      let body = good;
      for (let i = 0; i < faults; i++) {
        const at = random.int(body.length);
        const splinter = Buffer.from(splinters[random.int(splinters.length)] ?? '', 'latin1');
        body = Buffer.concat([body.subarray(0, at), splinter, body.subarray(at + random.int(4))]);
      }
      let decoded: Decoded | Promise<Decoded>;
      try {
        decoded = decoder.decode(body, { contentType: 'application/json', expected, strict: true });
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError);
        expect((error as StatusError).status.code).toBe(400);
        return;
      }
      expect((decoded as Decoded).object.kind).toBe('Pod');
    }),
    { numRuns: 3000 },
  );
});
