import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { type Change, noRevision } from '@reckon/store/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ResourceStore, WriteOptions } from './resource-store';
import { openRegistry, put, type RegistryFixture, statusOf, writeOptions } from './testing/registry-fixture.suite';

const tally = { group: '', resource: 'configmaps', namespace: 'team', name: 'tally' };

let registry: RegistryFixture;
let secrets: ResourceStore;
beforeEach(async () => {
  registry = await openRegistry();
  secrets = registry.store('', 'v1', 'secrets');
});
afterEach(() => registry.close());

/** Adds one to the tally for every write, and refuses more than `most`. */
const counting = (most = 100, dryRun = false): WriteOptions =>
  writeOptions({
    dryRun,
    admission: {
      mutate: () => undefined,
      validate: () => undefined,
      companions: (object): readonly Change[] => {
        const before = registry.storage.newest(tally);
        const count = counted() + 1;
        if (count > most) throw statusErrors.forbidden(tally, object.metadata.name ?? '', 'enough');
        return [
          {
            key: tally,
            verb: before === undefined ? 'create' : 'update',
            previous: before?.revision ?? noRevision,
            object: {
              kind: 'ConfigMap',
              apiVersion: 'v1',
              metadata: { name: 'tally', namespace: 'team' },
              data: { count: String(count) },
            },
          },
        ];
      },
    },
  });
const counted = (): number =>
  Number((registry.storage.newest(tally)?.parse() as { data?: { count?: string } } | undefined)?.data?.count ?? 0);
const secret = (name: string, more: object = {}): KubeObject => ({ metadata: { name }, ...more });
const make = (name: string, options = counting()) => secrets.create(registry.ctx(), 'team', secret(name), options);

describe('what admission appends with an object', () => {
  it('comes before it, in the same step', async () => {
    const before = registry.storage.revision;
    const { bytes } = await make('a');
    const made = JSON.parse(bytes.toString()) as KubeObject;
    expect(made).toMatchObject({ kind: 'Secret', metadata: { name: 'a', resourceVersion: String(before + 2) } });
    expect([counted(), registry.storage.newest(tally)?.revision]).toEqual([1, before + 1]);
  });

  it('is decided on what is in flight', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => make(`s${String(i)}`, counting(5))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(counted()).toBe(5);
  });

  it('is not appended for what is not made', async () => {
    await make('a');
    expect((await statusOf(() => make('a'))).reason).toBe('AlreadyExists');
    await make('b', counting(100, true));
    expect(counted()).toBe(1);
    expect((await statusOf(() => make('a', counting(1)))).reason).toBe('Forbidden');
  });

  it('comes with updates, not with those that change nothing, nor with the last of an object', async () => {
    await make('a');
    const update = (object: KubeObject) => secrets.update(registry.ctx(), 'team', 'a', '', put(object), counting());
    await update(secret('a', { data: { k: 'dg==' }, type: 'Opaque' }));
    expect(counted()).toBe(2);
    await update(secret('a', { data: { k: 'dg==' }, type: 'Opaque' }));
    expect(counted()).toBe(2);
    await update(secret('a', { metadata: { name: 'a', finalizers: ['x.io/f'] } }));
    await secrets.delete(registry.ctx(), 'team', 'a', {}, counting());
    const counts = counted();
    await update(secret('a'));
    expect(registry.storage.newest({ ...tally, resource: 'secrets', name: 'a' })).toBeUndefined();
    expect(counted()).toBe(counts);
  });
});
