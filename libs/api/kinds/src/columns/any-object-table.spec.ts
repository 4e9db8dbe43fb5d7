import { seededRandom } from '@reckon/kernel';
import { expect, it } from 'vitest';
import { createDecoder } from '../decode/decoder';
import { stringifyObject } from '../json/stringify-object';
import { createKindRegistry } from '../kind-registry';
import type { ResourceRow } from '../resource-row';
import { arbitraryObject } from '../testing/arbitrary-object';
import { tableFor } from './table-for';

const registry = createKindRegistry();
const decoder = createDecoder(registry);
const options = { nowMs: 1_767_225_600_000, includeObject: 'None', apiVersion: 'meta.k8s.io/v1' } as const;

/** Validation lets in no pod without containers and no selector without an operator, so nothing prints them. */
const isPrintable = ({ kind }: ResourceRow): boolean => !['Pod', 'Deployment'].includes(kind);

it.each(
  registry
    .resources()
    .filter(isPrintable)
    .map((row) => [`${row.group}/${row.version} ${row.kind}`, row] as const),
)('any object of %s is a row of a Table', (_, row) => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const fields = arbitraryObject(registry.types, row.type, random);
    // Every third says next to nothing.
    if (seed % 3 === 0)
      for (const field of ['spec', 'status', 'rules', 'webhooks']) if (field in fields) fields[field] = null;
    const { object } = decoder.normalize(fields, { expected: row, strict: false });
    const { rows } = tableFor(row, [object, object], options);
    expect(stringifyObject(rows.map(({ cells }) => cells))).not.toMatch(/undefined|NaN|\[object /);
  }
});
