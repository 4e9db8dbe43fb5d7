import type { KubeObject } from '@reckon/api/machinery';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evictionHandler } from './eviction';
import { type SubresourceFixture, openSubresources, pod } from './testing/subresource-fixture.suite';

let f: SubresourceFixture;
beforeEach(async () => {
  f = await openSubresources();
  await f.create(f.pods, pod('web', { nodeName: 'node-0' }));
});
afterEach(() => f.close());

const eviction = (deleteOptions?: object, name: string | undefined = 'web'): KubeObject => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { namespace: 'default', ...(name === '' ? {} : { name }) },
  ...(deleteOptions === undefined ? {} : { deleteOptions }),
});

const evict = (object: KubeObject, call: object = {}) =>
  f.call(evictionHandler(f.pods), f.pods, { subresource: 'eviction', name: 'web', object, ...call });

describe('an eviction', () => {
  it('marks the pod, then deletes it with grace', async () => {
    expect(await evict(eviction())).toEqual({
      code: 201,
      object: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
    });
    const evicted = await f.get(f.pods, 'web');
    expect(evicted.metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 30 });
    expect((evicted['status'] as { conditions: object[] }).conditions).toEqual([
      expect.objectContaining({
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      }),
    ]);
    expect(JSON.stringify(evicted.metadata.managedFields)).not.toContain('DisruptionTarget');
  });

  it('deletes with the options that it carries', async () => {
    await evict(eviction({ gracePeriodSeconds: 5 }));
    expect((await f.get(f.pods, 'web')).metadata.deletionGracePeriodSeconds).toBe(5);
    await evict(eviction({ gracePeriodSeconds: 0 }));
    expect(f.storage.newest({ group: '', resource: 'pods', namespace: 'default', name: 'web' })).toBeUndefined();
  });

  it.each([
    ['its own', eviction({ dryRun: ['All'] }), {}],
    [
      'the request’s',
      eviction(),
      {
        options: { dryRun: true, admission: { mutate: () => undefined, validate: () => undefined }, apiVersion: 'v1' },
      },
    ],
  ])('changes nothing in a dry run of %s', async (_, object, call) => {
    const before = await f.get(f.pods, 'web');
    expect((await evict(object, call)).code).toBe(201);
    expect(await f.get(f.pods, 'web')).toEqual(before);
  });

  it.each([
    ['another', 'other'],
    ['no', ''],
  ])('of %s name is a bad request', async (_, name) => {
    expect(await evict(eviction(undefined, name))).toMatchObject({
      code: 400,
      object: { reason: 'BadRequest', message: 'name in URL does not match name in Eviction object' },
    });
  });

  const dryRequest = {
    options: { dryRun: true, admission: { mutate: () => undefined, validate: () => undefined }, apiVersion: 'v1' },
  };
  it.each<[object, object, object]>([
    [
      { propagationPolicy: 'Later' },
      {},
      {
        code: 422,
        object: {
          message:
            'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Later": supported values: "Foreground", "Background", "Orphan", "nil"',
        },
      },
    ],
    [
      { dryRun: ['Some'] },
      {},
      {
        code: 422,
        object: {
          message:
            'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
        },
      },
    ],
    [
      { dryRun: ['Some'] },
      dryRequest,
      {
        code: 500,
        object: { message: 'Non-matching dry-run options in request and content: [All] and [Some]' },
      },
    ],
    [{ dryRun: ['All'] }, dryRequest, { code: 201 }],
  ])('with the options %j leaves the pod as it is', async (options, call, answer) => {
    const before = await f.get(f.pods, 'web');
    expect(await evict(eviction(options), call)).toMatchObject(answer);
    expect(await f.get(f.pods, 'web')).toEqual(before);
  });

  it('with options that no deletion takes is not found where there is no pod', async () => {
    expect(await evict(eviction({ dryRun: ['Some'] }, 'gone'), { name: 'gone' })).toMatchObject({ code: 404 });
  });

  it('cannot ask for the deletion of what cannot be read', async () => {
    const before = await f.get(f.pods, 'web');
    const option = 'ignoreStoreReadErrorWithClusterBreakingPotential';
    expect(await evict(eviction({ [option]: true }))).toMatchObject({
      code: 422,
      object: {
        message: `Eviction.policy "web" is invalid: deleteOptions.${option}: Invalid value: true: can not be set for pod eviction, try after removing the option`,
      },
    });
    expect(await f.get(f.pods, 'web')).toEqual(before);
    expect(await evict(eviction({ [option]: false }))).toMatchObject({ code: 201 });
  });

  it('of a pod that is not there is not found', async () => {
    expect(await evict(eviction(undefined, 'gone'), { name: 'gone' })).toMatchObject({
      code: 404,
      object: { reason: 'NotFound', message: 'pods "gone" not found' },
    });
  });

  it('holds to its preconditions, and marks nothing when they fail', async () => {
    const before = await f.get(f.pods, 'web');
    expect(await evict(eviction({ preconditions: { uid: 'other' } }))).toMatchObject({
      code: 409,
      object: { reason: 'Conflict' },
    });
    expect(await evict(eviction({ preconditions: { resourceVersion: '1' } }))).toMatchObject({ code: 409 });
    expect(await f.get(f.pods, 'web')).toEqual(before);
    const { uid, resourceVersion } = before.metadata;
    expect(await evict(eviction({ preconditions: { uid, resourceVersion } }))).toMatchObject({ code: 201 });
    expect((await f.get(f.pods, 'web')).metadata.deletionTimestamp).toBeDefined();
  });

  it('asks admission about itself, once, and not about the pod', async () => {
    const asked: unknown[] = [];
    const admission = {
      mutate: (object: KubeObject | undefined) => void asked.push(['mutate', object?.kind]),
      validate: (object: KubeObject | undefined) => void asked.push(['validate', object?.kind]),
    };
    await evict(eviction(), { options: { dryRun: false, admission, apiVersion: 'v1' } });
    expect(asked).toEqual([
      ['mutate', 'Eviction'],
      ['validate', 'Eviction'],
    ]);
  });
});
