import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDecoder, createKindRegistry } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import { scaleHandler } from './scale';
import { type SubresourceFixture, deployment, openSubresources } from './testing/subresource-fixture.suite';

let f: SubresourceFixture;
beforeEach(async () => {
  f = await openSubresources();
  await f.create(f.deployments, deployment('web'));
});
afterEach(() => f.close());

const scale = (replicas: number, metadata: object = {}): KubeObject => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'web', ...metadata },
  spec: { replicas },
});

const ask = (call: object) =>
  f.call(scaleHandler(f.deployments), f.deployments, { subresource: 'scale', name: 'web', ...call });
const put = (object: KubeObject, call: object = {}) => ask({ verb: 'update', object, ...call });
const replicas = async () => ((await f.get(f.deployments, 'web'))['spec'] as { replicas: number }).replicas;

describe('the scale of a workload', () => {
  it('is shown as a Scale', async () => {
    const { uid, resourceVersion } = (await f.get(f.deployments, 'web')).metadata;
    expect(await ask({ verb: 'get' })).toMatchObject({
      code: 200,
      object: {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'web', namespace: 'default', uid, resourceVersion },
        spec: { replicas: 1 },
        status: { replicas: 0, selector: 'app=web' },
      },
    });
  });

  it('is set by PUT: only the replicas', async () => {
    const answer = await put(scale(4));
    expect(answer).toMatchObject({ code: 200, object: { kind: 'Scale', spec: { replicas: 4 } } });
    const stored = await f.get(f.deployments, 'web');
    expect(stored).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 4, selector: { matchLabels: { app: 'web' } } },
    });
    expect(stored.metadata.managedFields).toContainEqual(
      expect.objectContaining({ subresource: 'scale', fieldsV1: { 'f:spec': { 'f:replicas': {} } } }),
    );
  });

  it('is set by a patch of the Scale', async () => {
    const patch = (current: KubeObject): KubeObject => ({ ...current, spec: { replicas: 7 } });
    expect(await ask({ verb: 'patch', patch })).toMatchObject({ code: 200, object: { spec: { replicas: 7 } } });
    expect(await replicas()).toBe(7);
  });

  it.each([
    ['a version that has passed', scale(2, { resourceVersion: '1' }), 409, 'the object has been modified'],
    [
      'another uid',
      scale(2, { uid: 'other' }),
      409,
      'Operation cannot be fulfilled on deployments/scale.apps "web": Precondition failed: UID in precondition: other',
    ],
    [
      'fewer than none',
      scale(-1),
      422,
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'another name than its path',
      scale(2, { name: 'other' }),
      400,
      'the name of the object (other) does not match the name on the URL (web)',
    ],
  ])('is not set for %s', async (_, object, code, message) => {
    const refused = await put(object);
    expect(refused.code).toBe(code);
    expect(refused.object['message']).toContain(message);
    expect(await replicas()).toBe(1);
  });

  it('of a workload that is not there is not found', async () => {
    expect(await ask({ verb: 'get', name: 'gone' })).toMatchObject({
      code: 404,
      object: { message: 'deployments.apps "gone" not found' },
    });
    expect(await put(scale(1, { name: 'gone' }), { name: 'gone' })).toMatchObject({ code: 404 });
  });

  it('is what admission is asked about', async () => {
    const asked: unknown[] = [];
    const admission = {
      mutate: (object: KubeObject | undefined, old: KubeObject | undefined) => {
        asked.push(['mutate', object?.kind, old?.['spec']]);
        if (object !== undefined) object['spec'] = { replicas: 3 };
      },
      validate: (object: KubeObject | undefined, old: KubeObject | undefined) => {
        asked.push(['validate', object?.['spec'], old?.kind]);
      },
    };
    await put(scale(9), { options: { dryRun: false, admission, apiVersion: 'apps/v1' } });
    expect(asked).toEqual([
      ['mutate', 'Scale', { replicas: 1 }],
      ['validate', { replicas: 3 }, 'Scale'],
    ]);
    expect(await replicas()).toBe(3);
  });
});

describe('a Scale that is applied', () => {
  const decoder = createDecoder(createKindRegistry());
  const expected = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const apply = (config: KubeObject, isForced = false) =>
    ask({
      verb: 'patch',
      application: {
        config,
        isForced,
        restore: (document: KubeObject) => decoder.normalize(document, { expected, strict: false }).object,
      },
    });

  it('must not take replicas from others without force; then it owns those of the object', async () => {
    expect(await apply(scale(3))).toMatchObject({
      code: 409,
      object: { details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec.replicas' }] } },
    });
    expect(await apply(scale(3), true)).toMatchObject({ code: 200, object: { kind: 'Scale', spec: { replicas: 3 } } });
    const stored = await f.get(f.deployments, 'web');
    expect(stored).toMatchObject({ spec: { replicas: 3 } });
    expect(stored.metadata.managedFields).toContainEqual(
      expect.objectContaining({
        operation: 'Apply',
        apiVersion: 'apps/v1',
        subresource: 'scale',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      }),
    );
  });

  it('reaches nothing else of the object', async () => {
    const labelled = scale(1, { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['x/y'] });
    expect((await apply(labelled)).code).toBe(200);
    const { labels, annotations, finalizers } = (await f.get(f.deployments, 'web')).metadata;
    expect({ labels, annotations, finalizers }).toEqual({});
    const more = { ...scale(1), spec: { replicas: 1, paused: true } };
    expect(await apply(more)).toMatchObject({
      code: 500,
      object: {
        message:
          'failed to create typed patch object (/web; autoscaling/v1, Kind=Scale): .spec.paused: field not declared in schema',
      },
    });
  });

  it.each([
    [{ ...scale(1), kind: 'Deployment' }, 400, 'invalid object type: autoscaling/v1, Kind=Deployment'],
    [scale(1, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [scale(1, { resourceVersion: '1' }), 409, 'the object has been modified'],
  ])('is refused as %j', async (config, code, message) => {
    expect(await apply(config)).toMatchObject({
      code,
      object: { message: expect.stringContaining(message) as unknown },
    });
  });
});
