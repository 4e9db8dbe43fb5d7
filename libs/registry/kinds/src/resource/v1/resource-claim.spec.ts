import type { KubeObject } from '@reckon/api/machinery';
import type { Storage } from '@reckon/store/contract';
import { describe, expect, it } from 'vitest';
import { resourceClaimStrategies } from './resource-claim.strategy';
import { changed, runCreate, runUpdate, testContext, testStrategies } from '../../testing/run-strategy';

type Changes = Record<string, unknown>;

const metadata = { name: 'c', namespace: 'team', resourceVersion: '1' };
const given = {
  metadata,
  spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] } },
};
const asTemplate = { metadata, spec: { spec: given.spec } };
const request = 'spec.devices.requests.0';
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const identifier =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const reference =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const one = 'exactly one of `exactly` or `firstAvailable` is required';

const make = (changes: Changes = {}): ReturnType<typeof runCreate> =>
  runCreate('resource.k8s.io/resourceclaims', changed(given, changes));

const exactly = `${request}.exactly`;
const opaque = { driver: 'gpu.example.com', parameters: { a: 1 } };

describe('a claim', () => {
  it('asks for one device unless it says otherwise, and has nothing yet', () => {
    const { object } = make({
      status: { allocation: {} },
      'spec.devices.requests.1': {
        name: 's',
        firstAvailable: [{ name: 't', deviceClassName: 'gpu', allocationMode: 'All', tolerations: [{ key: 'k' }] }],
      },
    });
    expect(object).toMatchObject({
      spec: {
        devices: {
          requests: [
            { exactly: { allocationMode: 'ExactCount', count: 1 } },
            { firstAvailable: [{ allocationMode: 'All', tolerations: [{ key: 'k', operator: 'Equal' }] }] },
          ],
        },
      },
      status: {},
    });
    expect(object.metadata.generation).toBeUndefined();
  });

  it.each<[Changes, ...string[]]>([
    [{}],
    [{ [`${request}.name`]: 'R' }, `spec.devices.requests[0].name: Invalid value: "R": ${label}`],
    [{ [exactly]: undefined }, `spec.devices.requests[0]: Required value: ${one}`],
    [
      { [`${request}.firstAvailable`]: [{ name: 't', deviceClassName: 'gpu' }] },
      `spec.devices.requests[0]: Invalid value: null: ${one}, but multiple fields are set`,
    ],
    [
      {
        [request]: {
          name: 'r',
          firstAvailable: [
            { name: 't', deviceClassName: '' },
            { name: 't', deviceClassName: 'gpu' },
          ],
        },
      },
      'spec.devices.requests[0].firstAvailable[0].deviceClassName: Required value',
      'spec.devices.requests[0].firstAvailable[1]: Duplicate value: "t"',
    ],
    [
      {
        [request]: {
          name: 'r',
          firstAvailable: Array.from({ length: 9 }, (_, i) => ({ name: `t${String(i)}`, deviceClassName: 'gpu' })),
        },
      },
      'spec.devices.requests[0].firstAvailable: Too many: 9: must have at most 8 items',
    ],
    [{ 'spec.devices.requests.1': given.spec.devices.requests[0] }, 'spec.devices.requests[1]: Duplicate value: "r"'],
    [
      { 'spec.devices.requests': Array.from({ length: 33 }, (_, i) => ({ name: `r${String(i)}` })) },
      'spec.devices.requests: Too many: 33: must have at most 32 items',
    ],
    [
      { [`${exactly}.deviceClassName`]: 'G' },
      `spec.devices.requests[0].exactly.deviceClassName: Invalid value: "G": ${subdomain}`,
    ],
    [
      { [`${exactly}.allocationMode`]: 'Some' },
      'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
    ],
    [
      { [`${exactly}.count`]: -1 },
      'spec.devices.requests[0].exactly.count: Invalid value: -1: must be greater than zero',
    ],
    [
      { [`${exactly}.allocationMode`]: 'All', [`${exactly}.count`]: 2 },
      "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'",
    ],
    [{ [`${exactly}.selectors`]: [{}] }, 'spec.devices.requests[0].exactly.selectors[0].cel: Required value'],
    [
      { [`${exactly}.selectors`]: [{ cel: { expression: 'x'.repeat(10_241) } }] },
      'spec.devices.requests[0].exactly.selectors[0].cel.expression: Too long: may not be more than 10240 bytes',
    ],
    [
      {
        [`${exactly}.tolerations`]: [
          { key: 'k', operator: 'Exists', value: 'v' },
          { operator: 'Like' },
          { key: 'k', effect: 'X' },
        ],
      },
      'spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: "v": must be empty for operator `Exists`',
      'spec.devices.requests[0].exactly.tolerations[1].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
      'spec.devices.requests[0].exactly.tolerations[2].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "None"',
    ],
    [
      { 'spec.devices.constraints': [{ requests: ['r', 'x', 'r', 'a/b/c'] }] },
      `spec.devices.constraints[0].requests[1]: Invalid value: "x": ${reference}`,
      `spec.devices.constraints[0].requests[3]: Invalid value: "a/b/c": ${reference}`,
      'spec.devices.constraints[0].requests[2]: Duplicate value: "r"',
      'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
    ],
    [
      {
        'spec.devices.constraints': [
          { matchAttribute: 'model' },
          { distinctAttribute: '/1' },
          { matchAttribute: 'a.b/' },
        ],
      },
      'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
      'spec.devices.constraints[1].distinctAttribute: Invalid value: "": the domain must not be empty',
      `spec.devices.constraints[1].distinctAttribute: Invalid value: "1": ${identifier}`,
      'spec.devices.constraints[2].matchAttribute: Invalid value: "": the name must not be empty',
    ],
    [{ 'spec.devices.config': [{ requests: ['r'], opaque }] }],
    [{ 'spec.devices.config': [{}] }, 'spec.devices.config[0].opaque: Required value'],
    [
      { 'spec.devices.config': [{ opaque: { driver: '', parameters: [] } }] },
      'spec.devices.config[0].opaque.driver: Required value',
      `spec.devices.config[0].opaque.driver: Invalid value: "": ${subdomain}`,
      'spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
    ],
    [
      { 'spec.devices.config': [{ opaque: { ...opaque, parameters: null } }] },
      'spec.devices.config[0].opaque.parameters: Required value',
    ],
    [
      { 'spec.devices.config': [{ opaque: { ...opaque, parameters: { a: 'x'.repeat(10_240) } } }] },
      'spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('never asks for something else', () => {
    const old = make().object;
    expect(
      runUpdate('resource.k8s.io/resourceclaims', old, changed(old, { [`${exactly}.count`]: 2 })).refusals,
    ).toEqual([
      'spec: Invalid value: {"Devices":{"Requests":[{"Name":"r","Exactly":{"DeviceClassName":"gpu","Selectors":null,"AllocationMode":"ExactCount","Count":2,"AdminAccess":null,"Tolerations":null,"Capacity":null},"FirstAvailable":null}],"Constraints":null,"Config":null}}: field is immutable',
    ]);
    expect(
      runUpdate('resource.k8s.io/resourceclaims', old, changed(old, { [`${exactly}.deviceClassName`]: 'A' })).refusals,
    ).toEqual([expect.stringMatching(/^spec: Invalid value: .*"DeviceClassName":"A".*: field is immutable$/)]);
    expect(
      runUpdate('resource.k8s.io/resourceclaims', old, changed(old, { 'metadata.labels': { a: 'b' } })).refusals,
    ).toEqual([]);
  });
});

describe('a template of claims', () => {
  const key = 'resource.k8s.io/resourceclaimtemplates';
  it('is checked as the claim that it makes, and never changes', () => {
    const { object, refusals } = runCreate(key, asTemplate);
    expect(refusals).toEqual([]);
    expect(object).toMatchObject({ spec: { spec: { devices: { requests: [{ exactly: { count: 1 } }] } } } });
    expect(
      runCreate(
        key,
        changed(asTemplate, {
          'spec.metadata': { labels: { 'a b': 'c' } },
          'spec.spec.devices.requests.0.exactly': undefined,
        }),
      ).refusals.map((text) => text.split(': ')[0]),
    ).toEqual(['spec.metadata.labels', 'spec.spec.devices.requests[0]']);
    const [refusal = ''] = runUpdate(
      key,
      object,
      changed(object, { 'spec.metadata': { labels: { a: 'b' } } }),
    ).refusals;
    expect(refusal).toContain('spec: Invalid value: {"labels":{"a":"b"},"Spec":{"Devices":{"Requests":[{"Name":"r"');
    expect(runUpdate(key, object, object).refusals).toEqual([]);
    expect(
      runUpdate(key, object, changed(object, { 'spec.spec.devices.requests.0.exactly': undefined })).refusals.map(
        (text) => text.split(': ')[0],
      ),
    ).toEqual(['spec.spec.devices.requests[0]', 'spec']);
  });
});

describe('the status of a claim', () => {
  const result = { request: 'r', driver: 'gpu.example.com', pool: 'p', device: 'd' };
  const allocation = { devices: { results: [result] } };
  const consumer = { resource: 'pods', name: 'p', uid: 'u' };
  const pending = make().object;
  const allocated = changed(pending, { 'status.allocation': allocation });
  const update = (changes: Changes, old: KubeObject = pending): ReturnType<typeof runUpdate> =>
    runUpdate('resource.k8s.io/resourceclaims', old, changed(old, changes), 'status');
  const uuid = 'a3f1c2d4-5e6f-4a1b-8c2d-3e4f5a6b7c8d';
  const normalized =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';

  it.each<[Changes, ...string[]]>([
    [{ 'status.allocation': allocation, 'status.reservedFor': [consumer] }],
    [
      { 'status.reservedFor': [consumer, { resource: '', name: '', uid: '' }, consumer] },
      'status.reservedFor[1].resource: Required value',
      'status.reservedFor[1].name: Required value',
      'status.reservedFor[1].uid: Required value',
      'status.reservedFor[2]: Duplicate value: "u"',
      'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
    ],
    [
      {
        'status.allocation': {
          devices: { results: [{ ...result, request: 'x', pool: 'a//b', device: 'D', shareID: 'x' }] },
        },
      },
      `status.allocation.devices.results[0].request: Invalid value: "x": ${reference}`,
      `status.allocation.devices.results[0].pool: Invalid value: "": ${subdomain}`,
      `status.allocation.devices.results[0].device: Invalid value: "D": ${label}`,
      'status.allocation.devices.results[0].shareID: Invalid value: "x": error validating uid: invalid UUID length: 1',
    ],
    ...(
      [
        [`{${uuid}}`, normalized],
        [`urn:uuid:${uuid}`, normalized],
        [uuid.replaceAll('-', ''), normalized],
        [`(${uuid})`, 'error validating uid: invalid bracketed UUID format'],
        [`uid:uuid:${uuid}`, 'error validating uid: invalid urn prefix: "uid:uuid:"'],
        [uuid.replace('a', 'g'), 'error validating uid: invalid UUID format'],
        [uuid.replaceAll('-', '').replace('a', 'g'), 'error validating uid: invalid UUID format'],
      ] as const
    ).map(([shareID, problem]): [Record<string, unknown>, string] => [
      { 'status.allocation': { devices: { results: [{ ...result, shareID }] } } },
      `status.allocation.devices.results[0].shareID: Invalid value: "${shareID}": ${problem}`,
    ]),
    [{ 'status.allocation': { devices: { results: [{ ...result, shareID: uuid }] } } }],
    [
      {
        'status.allocation': {
          devices: { results: [{ ...result, shareID: uuid.toUpperCase(), bindingConditions: ['a', 'a'] }] },
        },
      },
      'status.allocation.devices.results[0].bindingConditions[1]: Duplicate value: "a"',
      'status.allocation.devices.results[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      `status.allocation.devices.results[0].shareID: Invalid value: "${uuid.toUpperCase()}": uid must be in RFC 4122 normalized form, \`xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\` with lowercase hexadecimal characters`,
    ],
    [
      {
        'status.allocation': {
          devices: {
            config: [
              { source: 'Else', opaque },
              { source: '', opaque },
            ],
          },
          nodeSelector: {},
        },
      },
      'status.allocation.devices.config[0].source: Unsupported value: "Else": supported values: "FromClaim", "FromClass"',
      'status.allocation.devices.config[1].source: Required value',
      'status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
    [
      { 'status.devices': [{ driver: 'gpu.example.com', pool: 'p', device: 'd' }] },
      'status.devices[0]: Invalid value: gpu.example.com/p/d: must be an allocated device in the claim',
    ],
    [
      {
        'status.allocation': allocation,
        'status.devices': [
          {
            driver: 'gpu.example.com',
            pool: 'p',
            device: 'd',
            data: 'x',
            conditions: [{ type: 'Ready', status: 'Maybe', reason: 'A', lastTransitionTime: '2026-01-01T00:00:00Z' }],
            networkData: {
              interfaceName: 'x'.repeat(257),
              ips: ['10.0.0.1', '10.0.0.01/24', '10.0.0.1/24', '10.0.0.1/24'],
            },
          },
        ],
      },
      'status.devices[0].conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
      'status.devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object',
      'status.devices[0].networkData.interfaceName: Too long: may not be more than 256 bytes',
      'status.devices[0].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      'status.devices[0].networkData.ips[1]: Invalid value: "10.0.0.01/24": must be in canonical form ("10.0.0.1/24")',
      'status.devices[0].networkData.ips[3]: Duplicate value: "10.0.0.1/24"',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(update(changes).refusals).toEqual(messages);
  });

  it('is not allocated anew, and not reserved once it is to go', () => {
    const other = { devices: { results: [{ ...result, device: 'e' }] } };
    const [refusal = ''] = update({ 'status.allocation': other }, allocated).refusals;
    expect(refusal).toContain(
      'status.allocation: Invalid value: {"Devices":{"Results":[{"Request":"r","Driver":"gpu.example.com","Pool":"p","Device":"e","AdminAccess":null,"Tolerations":null,"BindingConditions":null,"BindingFailureConditions":null,"ShareID":null,"ConsumedCapacity":null}],"Config":null},"NodeSelector":null,"AllocationTimestamp":null}: field is immutable',
    );
    expect(update({ 'status.allocation': undefined }, allocated).refusals).toEqual([]);
    const deleted = changed(allocated, {
      'metadata.deletionTimestamp': '2026-01-01T00:00:00Z',
      'status.reservedFor': [consumer],
    });
    expect(update({ 'status.reservedFor': [consumer, { ...consumer, uid: 'v' }] }, deleted).refusals).toEqual([
      'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
    ]);
    expect(update({ 'status.reservedFor': [] }, deleted).refusals).toEqual([]);
  });

  it('keeps spec and metadata, and forgets devices with their allocation', () => {
    const old = changed(allocated, { 'status.devices': [{ driver: 'gpu.example.com', pool: 'p', device: 'd' }] });
    const { object } = update(
      { 'metadata.labels': { a: 'b' }, 'spec.devices': {}, 'status.allocation': undefined },
      old,
    );
    expect(object.metadata.labels).toBeUndefined();
    expect(object).toMatchObject({ spec: pending['spec'] as object });
    expect(object['status']).toEqual({});
  });
});

describe('access beside the owner', () => {
  const storage = (labels: Record<string, string> | undefined): Storage =>
    ({
      newest: () => (labels === undefined ? undefined : { parse: () => ({ metadata: { labels } }) }),
    }) as unknown as Storage;
  const decide = (object: KubeObject, labels: Record<string, string> | undefined, subresource = ''): unknown => {
    const kind = testStrategies().of('resource.k8s.io', 'resourceclaims');
    const strategy = subresource === '' ? kind?.strategy : kind?.subresources[subresource];
    return strategy?.decide?.(testContext(), storage(labels), object, subresource === '' ? undefined : make().object);
  };
  const asking = make({ [`${exactly}.adminAccess`]: true }).object;

  it('is for namespaces that are labelled so', () => {
    expect(decide(asking, { 'resource.kubernetes.io/admin-access': 'true' })).toEqual([]);
    expect(decide(make().object, {})).toEqual([]);
    expect(() => decide(asking, {})).toThrow(
      'ResourceClaim.resource.k8s.io "c" is invalid: spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace',
    );
    expect(() => decide(asking, undefined)).toThrow('could not retrieve namespace to verify admin access');
  });

  it('is not given where it was not asked for rightly', () => {
    const given = changed(make().object, {
      'status.allocation': { devices: { results: [{ request: 'r', adminAccess: true }] } },
    });
    expect(() => decide(given, {}, 'status')).toThrow('status.allocation.devices.results[0].adminAccess: Forbidden');
  });
});

describe('expressions of selectors', () => {
  it('are given to who understands them', () => {
    const asked: string[] = [];
    const { strategy } = resourceClaimStrategies((_errors, path, expression, origin) => {
      asked.push(`${path.toString()} ${expression} ${origin}`);
    });
    const claim = make({ [`${exactly}.selectors`]: [{ cel: { expression: 'device.driver == "x"' } }] }).object;
    strategy.validate?.(testContext(), claim as unknown as Parameters<NonNullable<typeof strategy.validate>>[1]);
    expect(asked).toEqual(['spec.devices.requests[0].exactly.selectors[0].cel.expression device.driver == "x" new']);
  });
});
