import type { resourcev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../framework/kinds';
import { nodeInfo } from '../../testing/make';
import { allocate, type ClaimToAllocate } from './allocator';
import { createDeviceMatcher } from './device-matcher';
import { gatherPools } from './device-pools';
import { wishesOf } from './wishes';

const driver = 'gpu.example.com';
const gpu = (name: string, attributes: Record<string, string | number> = {}, more: object = {}): resourcev1.Device => ({
  name,
  attributes: Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'number' ? { int: value } : { string: value },
    ]),
  ),
  ...more,
});
interface SliceParts {
  readonly pool?: string;
  readonly generation?: number;
  readonly slices?: number;
  readonly on?: object;
  readonly more?: object;
}
const slice = (devices: resourcev1.Device[], parts: SliceParts = {}): ResourceSlice => ({
  metadata: { name: 'slice' },
  spec: {
    driver,
    pool: { name: parts.pool ?? 'n', generation: parts.generation ?? 1, resourceSliceCount: parts.slices ?? 1 },
    ...(parts.on ?? { nodeName: 'n' }),
    devices,
    ...parts.more,
  },
});
const classes: Record<string, DeviceClass> = {
  gpu: { metadata: { name: 'gpu' }, spec: { selectors: [{ cel: { expression: `device.driver == "${driver}"` } }] } },
  other: { metadata: { name: 'other' }, spec: { selectors: [{ cel: { expression: 'device.driver == "other"' } }] } },
  tuned: {
    metadata: { name: 'tuned' },
    spec: { config: [{ opaque: { driver, parameters: { speed: 'high' } } }] },
  },
};
const claimOf = (devices: resourcev1.DeviceClaim, name = 'c'): ResourceClaim => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: { devices },
});
const exactly = (name: string, more: object = {}, deviceClassName = 'gpu'): resourcev1.DeviceRequest => ({
  name,
  exactly: { deviceClassName, ...more },
});
const where = (expression: string) => ({ selectors: [{ cel: { expression } }] });
const model = (value: string) => where(`device.attributes["${driver}"].model == "${value}"`);

function run(
  slices: readonly ResourceSlice[],
  claims: readonly ResourceClaim[],
  { allocated = [], node = 'n' }: { readonly allocated?: readonly string[]; readonly node?: string } = {},
) {
  const toAllocate = claims.map((claim): ClaimToAllocate => {
    const requests = wishesOf(claim, (name) => (Object.hasOwn(classes, name) ? classes[name] : undefined));
    if (typeof requests === 'string') throw new Error(requests);
    return { claim, requests };
  });
  return allocate(
    {
      pools: gatherPools(slices),
      allocated: new Set(allocated.map((name) => `${driver}/n/${name}`)),
      matcher: createDeviceMatcher(),
      memo: new Map(),
    },
    toAllocate,
    nodeInfo({ name: node, labels: { zone: 'z' } }),
  );
}
/** `request=device` of each claim. */
const devices = (...args: Parameters<typeof run>): string[] | undefined =>
  run(...args)?.map((a) => (a.devices?.results ?? []).map((r) => `${r.request}=${r.device}`).join(' '));

const four = [
  slice([
    gpu('a', { model: 'x', numa: 0 }),
    gpu('b', { model: 'y', numa: 0 }),
    gpu('c', { model: 'y', numa: 1 }),
    gpu('d', { model: 'y', numa: 1 }),
  ]),
];

describe('devices for a claim', () => {
  it.each<[string, resourcev1.DeviceClaim, readonly string[], string[] | undefined]>([
    ['one', { requests: [exactly('r')] }, [], ['r=a']],
    ['one that is free', { requests: [exactly('r')] }, ['a', 'b'], ['r=c']],
    ['none that is free', { requests: [exactly('r')] }, ['a', 'b', 'c', 'd'], undefined],
    ['some', { requests: [exactly('r', { count: 3 })] }, ['a'], ['r=b r=c r=d']],
    ['too many', { requests: [exactly('r', { count: 4 })] }, ['a'], undefined],
    ['all', { requests: [exactly('r', { allocationMode: 'All' })] }, [], ['r=a r=b r=c r=d']],
    [
      'all that are chosen',
      { requests: [exactly('r', { allocationMode: 'All', ...model('y') })] },
      ['a'],
      ['r=b r=c r=d'],
    ],
    [
      'all, one of which is taken',
      { requests: [exactly('r', { allocationMode: 'All', ...model('y') })] },
      ['b'],
      undefined,
    ],
    ['all of none', { requests: [exactly('r', { allocationMode: 'All', ...model('z') })] }, [], undefined],
    ['by its selector', { requests: [exactly('r', model('y'))] }, [], ['r=b']],
    ['by a class of another driver', { requests: [exactly('r', {}, 'other')] }, [], undefined],
    ['for several requests', { requests: [exactly('r'), exactly('s', model('x'))] }, [], ['r=b s=a']],
    [
      'that share an attribute',
      { requests: [exactly('r', { count: 2 })], constraints: [{ matchAttribute: `${driver}/model` }] },
      [],
      ['r=b r=c'],
    ],
    [
      'that share an attribute over requests',
      {
        requests: [exactly('r', model('x')), exactly('s', model('y'))],
        constraints: [{ requests: ['r', 's'], matchAttribute: `${driver}/numa` }],
      },
      ['b'],
      undefined,
    ],
    [
      'that differ in an attribute',
      { requests: [exactly('r', { count: 2, ...model('y') })], constraints: [{ distinctAttribute: `${driver}/numa` }] },
      [],
      ['r=b r=c'],
    ],
    [
      'that lack the attribute',
      { requests: [exactly('r')], constraints: [{ matchAttribute: `${driver}/colour` }] },
      [],
      undefined,
    ],
    [
      'the first that is to be had',
      {
        requests: [
          {
            name: 'r',
            firstAvailable: [
              { name: 'best', deviceClassName: 'gpu', ...model('z') },
              { name: 'good', deviceClassName: 'gpu', ...model('y'), count: 2 },
              { name: 'any', deviceClassName: 'gpu' },
            ],
          },
        ],
        constraints: [{ requests: ['r'], matchAttribute: `${driver}/numa` }],
      },
      ['b'],
      ['r/good=c r/good=d'],
    ],
    ['that others have, for an administrator', { requests: [exactly('r', { adminAccess: true })] }, ['a'], ['r=a']],
  ])('%s', (_, claim, allocated, expected) => {
    expect(devices(four, [claimOf(claim)], { allocated })).toEqual(expected);
  });

  it('are not given to two claims', () => {
    const one = claimOf({ requests: [exactly('r')] });
    const two = claimOf({ requests: [exactly('r', model('x'))] }, 'd');
    expect(devices(four, [one, two])).toEqual(['r=b', 'r=a']);
    expect(devices(four, [two, two])).toBeUndefined();
  });

  it('are those that the node can use, of the newest generation, and of pools that are whole', () => {
    const claim = claimOf({ requests: [exactly('r')] });
    const all = claimOf({ requests: [exactly('r', { allocationMode: 'All' })] });
    expect(devices(four, [claim], { node: 'm' })).toBeUndefined();
    const everywhere = slice([gpu('net')], { pool: 'net', on: { allNodes: true } });
    expect(devices([...four, everywhere], [claim], { node: 'm' })).toEqual(['r=net']);
    const term = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['z'] }] };
    const inZone = slice([gpu('zonal')], { pool: 'zone', on: { nodeSelector: { nodeSelectorTerms: [term] } } });
    expect(devices([inZone], [claim])).toEqual(['r=zonal']);
    const each = slice([gpu('m', {}, { nodeName: 'm' }), gpu('n', {}, { nodeName: 'n' })], {
      on: {},
      more: { perDeviceNodeSelection: true },
    });
    expect(devices([each], [claim])).toEqual(['r=n']);
    expect(devices([slice([gpu('old')]), slice([gpu('new')], { generation: 2 })], [claim])).toEqual(['r=new']);
    const half = slice([gpu('a')], { slices: 2 });
    expect(devices([half], [claim])).toBeUndefined();
    expect(devices([half, slice([gpu('b')], { slices: 2 })], [all])).toEqual(['r=a r=b']);
    expect(devices([half, everywhere], [all])).toBeUndefined();
    expect(devices([slice([gpu('a'), gpu('a')])], [claim])).toBeUndefined();
  });

  it('have what is asked of their capacity, and no taint that is not tolerated', () => {
    const small = gpu('small', {}, { capacity: { memory: { value: '1Gi' } } });
    const large = gpu('large', {}, { capacity: { memory: { value: '8Gi' } } });
    const bad = gpu(
      'bad',
      {},
      { capacity: { memory: { value: '8Gi' } }, taints: [{ key: 'broken', effect: 'NoSchedule' }] },
    );
    const wanting = (more: object = {}) =>
      claimOf({ requests: [exactly('r', { capacity: { requests: { memory: '4Gi' } }, ...more })] });
    expect(devices([slice([small, bad, large])], [wanting()])).toEqual(['r=large']);
    const tolerations = [{ key: 'broken', operator: 'Exists' }];
    expect(devices([slice([small, bad, large])], [wanting({ tolerations })])).toEqual(['r=bad']);
    expect(devices([slice([small])], [wanting()])).toBeUndefined();
    const byCel = claimOf({
      requests: [exactly('r', where(`device.capacity["${driver}"].memory.compareTo(quantity("4Gi")) >= 0`))],
    });
    expect(devices([slice([small, large])], [byCel])).toEqual(['r=large']);
  });

  it('may be parts of one piece of hardware', () => {
    const part = (name: string, memory: string) =>
      gpu(name, {}, { consumesCounters: [{ counterSet: 'card', counters: { memory: { value: memory } } }] });
    const card = [
      slice([part('half-1', '4Gi'), part('half-2', '4Gi'), part('whole', '8Gi')], {
        more: { sharedCounters: [{ name: 'card', counters: { memory: { value: '8Gi' } } }] },
      }),
    ];
    const two = claimOf({ requests: [exactly('r', { count: 2 })] });
    expect(devices(card, [two])).toEqual(['r=half-1 r=half-2']);
    expect(devices(card, [two], { allocated: ['half-1'] })).toBeUndefined();
    expect(devices(card, [claimOf({ requests: [exactly('r')] })], { allocated: ['whole'] })).toBeUndefined();
  });

  it('are given up after too many tries', () => {
    const many = [slice(Array.from({ length: 40 }, (_, i) => gpu(`d${String(i)}`, { id: i })))];
    const impossible = claimOf({
      requests: [exactly('r', { count: 12 }), exactly('s', { count: 30 })],
      constraints: [{ requests: ['s'], matchAttribute: `${driver}/id` }],
    });
    expect(() => run(many, [impossible])).toThrow('timed out trying to allocate devices');
  });

  it('are told with where they can be used and what they are told', () => {
    const claim = claimOf({
      requests: [exactly('r', { tolerations: [{ operator: 'Exists' }] }, 'tuned'), exactly('s')],
      config: [
        { requests: ['s'], opaque: { driver, parameters: { mine: true } } },
        { requests: ['t'], opaque: { driver, parameters: {} } },
      ],
    });
    expect(run(four, [claim])).toEqual([
      {
        devices: {
          results: [
            { request: 'r', driver, pool: 'n', device: 'a', tolerations: [{ operator: 'Exists' }] },
            { request: 's', driver, pool: 'n', device: 'b' },
          ],
          config: [
            { source: 'FromClass', requests: ['r'], opaque: { driver, parameters: { speed: 'high' } } },
            { source: 'FromClaim', requests: ['s'], opaque: { driver, parameters: { mine: true } } },
          ],
        },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }],
        },
      },
    ]);
    const term = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['z'] }] };
    const zonal = slice([gpu('a'), gpu('b')], { on: { nodeSelector: { nodeSelectorTerms: [term] } } });
    expect(run([zonal], [claimOf({ requests: [exactly('r', { count: 2 })] })])?.[0]?.nodeSelector).toEqual({
      nodeSelectorTerms: [term],
    });
    const free = slice([gpu('a')], { on: { allNodes: true } });
    expect(run([free], [claimOf({ requests: [exactly('r')] })])?.[0]).not.toHaveProperty('nodeSelector');
  });

  it('and selectors that cannot tell are named', () => {
    const asking = (expression: string) => () => run(four, [claimOf({ requests: [exactly('r', where(expression))] })]);
    expect(asking('device.attributes["x.y"].z')).toThrow('selector #0: CEL runtime error: no such key: z');
    expect(asking('device.nonsense')).toThrow('selector #0: CEL compile error: compilation failed');
  });
});

it('a claim that cannot be met by anything is told of', () => {
  const told = (request: resourcev1.DeviceRequest) => wishesOf(claimOf({ requests: [request] }), () => undefined);
  expect(told(exactly('r'))).toBe('request r: device class gpu does not exist');
  expect(told({ name: 'r' })).toBe('request r: unsupported request type');
  expect(wishesOf(claimOf({ requests: [exactly('r', { allocationMode: 'Some' })] }), () => classes['gpu'])).toBe(
    'request r: unsupported allocation mode Some',
  );
});
