import { createDecoder, createKindRegistry, type ResourceRow, stringifyObject } from '@reckon/api/kinds';
import { arbitraryObject } from '@reckon/api/kinds/testing';
import { type KubeObject, StatusError } from '@reckon/api/machinery';
import { type Random, seededRandom } from '@reckon/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Run, runCreate, runPatch, runUpdate, testStrategies } from './testing/run-strategy';

const kinds = createKindRegistry();
const decoder = createDecoder(kinds);
const table = testStrategies();
const seed = Number(process.env['RECKON_SEED'] ?? 1);

const isStored = ({ group, resource, version, storage }: ResourceRow): boolean =>
  storage.group === group && storage.version === version && table.of(group, resource) !== undefined;

/** Whatever decoding lets through of a kind: fields at random, some lists and objects emptied. */
function anyObject(row: ResourceRow, random: Random): KubeObject {
  const fields = arbitraryObject(kinds.types, row.type, random);
  empty(fields, random);
  const metadata = {
    ...(fields['metadata'] as object | undefined),
    name: 'a',
    ...(row.namespaced && { namespace: 'b' }),
  };
  return decoder.normalize({ ...fields, metadata }, { expected: row, strict: false }).object;
}

function empty(value: unknown, random: Random): void {
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  for (const [name, inner] of Object.entries(fields)) {
    if (typeof inner !== 'object' || inner === null || random.int(12) > 0) empty(inner, random);
    else fields[name] = Array.isArray(inner) ? [] : {};
  }
}

const wholeOnly: ReadonlySet<string> = new Set(['kind', 'apiVersion', 'metadata']);

/** Subresources whose body is the object itself. */
const views = ['', 'status', 'approval', 'ephemeralcontainers', 'finalize', 'resize'];

describe(`any object (RECKON_SEED=${String(seed)})`, () => {
  it.each(
    kinds
      .resources()
      .filter(isStored)
      .map((row) => [`${row.group}/${row.resource}`, row] as const),
  )('of %s is taken or refused, never more', (key, row) => {
    const subresources = Object.keys(table.of(row.group, row.resource)?.subresources ?? {});
    const check = (object: KubeObject, run: () => { readonly refusals: readonly string[] }): void => {
      try {
        for (const refusal of run().refusals) expect(refusal).not.toMatch(/(?<!must be true or )undefined|\[object /);
      } catch (error) {
        // Allocation refuses by itself.
        if (!(error instanceof StatusError)) throw new Error(stringifyObject(object), { cause: error });
      }
    };
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        const old = anyObject(row, seededRandom(one));
        // What is stored was counted here.
        old.metadata.generation = 1;
        const object = anyObject(row, seededRandom(other));
        check(object, () => runCreate(key, object, table));
        for (const view of views)
          if (view === '' || subresources.includes(view)) check(object, () => runUpdate(key, old, object, view, table));
      }),
      { numRuns: 40, seed },
    );
  });

  it.each(
    kinds
      .resources()
      .filter(isStored)
      .map((row) => [`${row.group}/${row.resource}`, row] as const),
  )('of %s stays as it is where a patch has left it alone', (key, row) => {
    const subresources = Object.keys(table.of(row.group, row.resource)?.subresources ?? {});
    let patches = 0;
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        const object = anyObject(row, seededRandom(one));
        object.metadata.generation = 1;
        const random = seededRandom(other);
        const patched = anyObject(row, random);
        const taken = (run: () => Run): KubeObject | undefined => {
          try {
            return run().object;
          } catch (error) {
            // Allocation refuses by itself.
            if (error instanceof StatusError) return undefined;
            throw new Error(stringifyObject(object), { cause: error });
          }
        };
        const stored = taken(() => runCreate(key, object, table));
        if (stored === undefined) return;
        const names = Object.keys({ ...stored, ...patched }).filter((name) => !wholeOnly.has(name));
        for (const view of views) {
          if (view !== '' && !subresources.includes(view)) continue;
          const members = names.filter(() => random.int(2) === 0).map((name) => [name, patched[name]] as const);
          for (const patch of [{}, Object.fromEntries(members)])
            if (taken(() => runPatch(key, stored, patch, view, table)) !== undefined) patches++;
        }
      }),
      { numRuns: 40, seed },
    );
    expect(patches).toBeGreaterThan(0);
  });

  it.each<readonly [string, object]>([
    ['/limitranges', { limits: [{ type: 'Container', max: { cpu: '1' }, min: { cpu: '10m' } }, { type: 'Pod' }] }],
    ['/services', { type: 'LoadBalancer', ports: [{ port: 80 }], sessionAffinity: 'ClientIP' }],
    ['/pods', { containers: [{ name: 'c', ports: [{ containerPort: 1 }] }], hostNetwork: true }],
  ])('of %s stays as it is in branches that hardly anything at random takes', (key, spec) => {
    const object = { metadata: { name: 'a', namespace: 'b' }, spec } as KubeObject;
    const { object: stored } = runCreate(key, object, table);
    expect(runPatch(key, stored, {}, '', table).object['spec']).toEqual(stored['spec']);
  });
});
