import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

type Changes = Record<string, unknown>;
const key = 'resource.k8s.io/resourceslices';
const given = {
  metadata: { name: 's', resourceVersion: '1' },
  spec: {
    driver: 'gpu.example.com',
    nodeName: 'n',
    pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
    devices: [{ name: 'd', attributes: { model: { string: 'x' } }, capacity: { memory: { value: '8Gi' } } }],
  },
};
const make = (changes: Changes = {}): ReturnType<typeof runCreate> => runCreate(key, changed(given, changes));
const device = 'spec.devices.0';
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const identifier =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const oneOfNodes = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
const oneOfOwn =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
const perDevice = { 'spec.nodeName': undefined, 'spec.perDeviceNodeSelection': true };
const devices = (count: number, more: object = {}): object[] =>
  Array.from({ length: count }, (_, i) => ({ name: `d${String(i)}`, ...more }));
const policy = (requestPolicy: object): Changes => ({
  [`${device}.allowMultipleAllocations`]: true,
  [`${device}.capacity.memory.requestPolicy`]: requestPolicy,
});
const at = (path: string): string => `spec.devices[0].capacity[memory].requestPolicy${path}`;

describe('a slice', () => {
  it.each<[Changes, ...string[]]>([
    [{}],
    [
      { 'spec.driver': '', 'spec.pool': { name: '', generation: -1, resourceSliceCount: 0 } },
      'spec.driver: Required value',
      `spec.driver: Invalid value: "": ${subdomain}`,
      'spec.pool.name: Required value',
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
    ],
    [{ 'spec.nodeName': undefined }, `spec: Required value: ${oneOfNodes}`],
    [
      { 'spec.nodeName': '', 'spec.allNodes': false, 'spec.perDeviceNodeSelection': false },
      'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
      'spec.allNodes: Invalid value: false: must be either unset or set to true',
      'spec.perDeviceNodeSelection: Invalid value: false: must be either unset or set to true',
      `spec: Required value: ${oneOfNodes}`,
    ],
    [{ 'spec.nodeName': 'N' }, `spec.nodeName: Invalid value: "N": ${subdomain}`],
    [
      { 'spec.allNodes': true },
      `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${oneOfNodes}, but multiple fields are set`,
    ],
    [
      {
        'spec.nodeName': undefined,
        'spec.nodeSelector': { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, {}] },
      },
      'spec.nodeSelector.nodeSelectorTerms: Invalid value: [{"MatchExpressions":[{"Key":"a","Operator":"Exists","Values":null}],"MatchFields":null},{"MatchExpressions":null,"MatchFields":null}]: must have exactly one node selector term',
    ],
    [
      { 'spec.nodeName': undefined, 'spec.nodeSelector': { nodeSelectorTerms: [] } },
      'spec.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
      'spec.nodeSelector.nodeSelectorTerms: Invalid value: []: must have exactly one node selector term',
    ],
    [
      { 'spec.sharedCounters': [{ name: 'c', counters: { m: { value: '1' } } }] },
      'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
    ],
    [
      {
        'spec.devices': undefined,
        'spec.sharedCounters': [
          { name: '', counters: {} },
          { name: 'c', counters: { A: { value: '1' } } },
          { name: 'c', counters: { a: { value: '1' } } },
        ],
      },
      'spec.sharedCounters[0].name: Required value',
      'spec.sharedCounters[0].counters: Required value',
      `spec.sharedCounters[1].counters[A]: Invalid value: "A": ${label}`,
      'spec.sharedCounters[2]: Duplicate value: "c"',
    ],
    [{ 'spec.devices': devices(128) }],
    [{ 'spec.devices': devices(129) }, 'spec.devices: Too many: 129: must have at most 128 items'],
    [
      { 'spec.devices': devices(65, { taints: [{ key: 'k', effect: 'NoSchedule' }] }) },
      'spec.devices: Too many: 65: must have at most 64 items',
    ],
    [{ 'spec.devices.1': { name: 'd' } }, 'spec.devices[1]: Duplicate value: "d"'],
    [{ [`${device}.name`]: 'D' }, `spec.devices[0].name: Invalid value: "D": ${label}`],
    [
      { [`${device}.attributes`]: { '1': { bool: true }, '/x': { int: 1 }, 'a.b/': { version: '1.0.0' } } },
      `spec.devices[0].attributes[1]: Invalid value: "1": ${identifier}`,
      'spec.devices[0].attributes[/x]: Invalid value: "": the domain must not be empty',
      'spec.devices[0].attributes[a.b/]: Invalid value: "": the name must not be empty',
    ],
    [
      { [`${device}.attributes`]: { ['x'.repeat(100)]: { bool: true } } },
      `spec.devices[0].attributes[${'x'.repeat(47)}...${'x'.repeat(46)}]: Too long: may not be more than 32 bytes`,
    ],
    [
      { [`${device}.attributes`]: { a: {}, b: { string: 'x'.repeat(65) }, c: { version: '1.0' } } },
      'spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified',
      'spec.devices[0].attributes[b].string: Too long: may not be more than 64 bytes',
      'spec.devices[0].attributes[c].version: Invalid value: "1.0": must be a string compatible with semver.org spec 2.0.0',
    ],
    [
      { [`${device}.attributes`]: { a: { bool: true, int: 1 } } },
      'spec.devices[0].attributes[a]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified',
    ],
    [
      {
        [`${device}.attributes`]: Object.fromEntries(
          Array.from({ length: 32 }, (_, i) => [`a${String(i)}`, { int: i }]),
        ),
      },
      'spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must not exceed 32',
    ],
    [
      {
        [`${device}.taints`]: [
          { key: '', effect: '' },
          { key: 'k', value: '!', effect: 'X' },
        ],
      },
      'spec.devices[0].taints[0].key: Invalid value: "": name part must be non-empty',
      "spec.devices[0].taints[0].key: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.devices[0].taints[0].effect: Required value',
      "spec.devices[0].taints[1].value: Invalid value: \"!\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'spec.devices[0].taints[1].effect: Unsupported value: "X": supported values: "NoExecute", "NoSchedule", "None"',
    ],
    [
      { [`${device}.consumesCounters`]: [{ counterSet: '' }, { counterSet: 'c', counters: { a: { value: '1' } } }] },
      'spec.devices[0].consumesCounters[0].counterSet: Required value',
      'spec.devices[0].consumesCounters[0].counters: Required value',
    ],
    [
      { [`${device}.nodeName`]: 'n' },
      'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
    ],
    [perDevice, `spec.devices[0]: Required value: ${oneOfOwn}`],
    [{ ...perDevice, [`${device}.allNodes`]: true }],
    [
      { ...perDevice, [`${device}.allNodes`]: true, [`${device}.nodeName`]: 'n' },
      `spec.devices[0]: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${oneOfOwn}`,
    ],
    [
      { [`${device}.bindingConditions`]: ['a'], [`${device}.bindingFailureConditions`]: ['a', 'b', 'b'] },
      'spec.devices[0].bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
      'spec.devices[0].bindingFailureConditions[2]: Duplicate value: "b"',
    ],
    [
      { [`${device}.bindingFailureConditions`]: ['a'] },
      'spec.devices[0].bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions',
    ],
    [
      { [`${device}.capacity.memory.requestPolicy`]: { default: '1Gi' } },
      `${at('')}: Forbidden: allowMultipleAllocations must be true`,
    ],
    [policy({ default: '1Gi', validValues: ['1Gi', '2Gi'] })],
    [
      policy({ default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } }),
      `${at('')}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`,
    ],
    [policy({ validValues: ['1Gi'] }), `${at('.default')}: Required value: required when validValues is defined`],
    [
      policy({ default: '3Gi', validValues: ['2Gi', '1Gi', '9Gi', '9Gi'] }),
      `${at('.validValues[1]')}: Invalid value: "1Gi": values must be sorted in ascending order`,
      `${at('.validValues[2]')}: Invalid value: "9Gi": option is larger than capacity value: 8Gi`,
      `${at('.validValues[3]')}: Invalid value: "9Gi": option is larger than capacity value: 8Gi`,
      `${at('.validValues[3]')}: Duplicate value: "9663676416"`,
      `${at('.validValues')}: Invalid value: "3Gi": default value is not valid according to the requestPolicy`,
    ],
    [
      policy({ default: null, validValues: ['1Gi'] }),
      `${at('.default')}: Required value: required when validValues is defined`,
    ],
    [policy({ validRange: { min: '1Gi' } }), `${at('.default')}: Required value: required when validRange is defined`],
    [
      policy({ default: null, validRange: { min: '1Gi' } }),
      `${at('.default')}: Required value: required when validRange is defined`,
    ],
    [
      policy({ default: '1Gi', validRange: {} }),
      `${at('.validRange.min')}: Required value: required when validRange is defined`,
    ],
    [policy({ default: '2Gi', validRange: { min: '1Gi', max: '4Gi', step: '1Gi' } })],
    [
      policy({ default: '4Gi', validRange: { min: '1Gi', max: '3Gi' } }),
      `${at('.validRange.max')}: Invalid value: "4Gi": default is more than max: 3Gi`,
    ],
    [
      policy({ default: '1Gi', validRange: { min: '9Gi', max: '5Gi' } }),
      `${at('.validRange.min')}: Invalid value: "9Gi": min is larger than capacity value: 8Gi`,
      `${at('.validRange.min')}: Invalid value: "1Gi": default is less than min: 9Gi`,
      `${at('.validRange.max')}: Invalid value: "9Gi": min is larger than max: 5Gi`,
    ],
    [
      policy({ default: '9Gi', validRange: { min: '1Gi', max: '10Gi', step: '8Gi' } }),
      `${at('.validRange.max')}: Invalid value: "10Gi": max is larger than capacity value: 8Gi`,
      `${at('.validRange.step')}: Invalid value: "8Gi": one step 9Gi is larger than capacity value: 8Gi`,
      `${at('.validRange.step')}: Invalid value: "10Gi": value is not a multiple of a given step (8Gi) from (1Gi)`,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });

  it('dates its taints, and leaves out what is behind a gate', () => {
    const { object } = make({
      [`${device}.taints`]: [{ key: 'k', effect: 'NoSchedule' }],
      [`${device}.attributes`]: { a: { bool: true, ints: [1] } },
      [`${device}.nodeAllocatableResourceMappings`]: { cpu: {} },
    });
    expect(object).toMatchObject({ metadata: { generation: 1 } });
    expect(object['spec']).toMatchObject({
      devices: [
        {
          taints: [{ key: 'k', effect: 'NoSchedule', timeAdded: '2026-01-01T00:00:00Z' }],
          attributes: { a: { bool: true } },
        },
      ],
    });
    expect(JSON.stringify(object)).not.toMatch(/"ints":|Mappings/);
  });

  it('warns of a driver in capitals', () => {
    expect(make({ 'spec.driver': 'GPU.example.com' })).toMatchObject({
      refusals: [],
      warnings: ['spec.driver: driver names should be lowercase; "GPU.example.com" contains uppercase characters'],
    });
  });

  it('stays with its driver, pool and node', () => {
    const old = make().object;
    const update = (changes: Changes): ReturnType<typeof runUpdate> => runUpdate(key, old, changed(old, changes));
    expect(
      update({ 'spec.driver': 'x.io', 'spec.pool.name': 'q', 'spec.nodeName': undefined, 'spec.allNodes': true })
        .refusals,
    ).toEqual([
      'spec.pool.name: Invalid value: "q": field is immutable',
      'spec.driver: Invalid value: "x.io": field is immutable',
      'spec.nodeName: Invalid value: null: field is immutable',
    ]);
    expect(update({ 'spec.pool.generation': 2 }).object.metadata.generation).toBe(2);
    expect(update({ 'metadata.labels': { a: 'b' } }).object.metadata.generation).toBe(1);
  });
});

describe('a class of devices', () => {
  const classKey = 'resource.k8s.io/deviceclasses';
  const deviceClass = { metadata: { name: 'gpu', resourceVersion: '1' }, spec: {} };
  const opaque = { driver: 'gpu.example.com', parameters: {} };
  it.each<[Changes, ...string[]]>([
    [
      {
        'spec.selectors': [{ cel: { expression: 'true' } }],
        'spec.config': [{ opaque }],
        'spec.extendedResourceName': 'a.b/c',
      },
    ],
    [{ 'spec.selectors': [{}] }, 'spec.selectors[0].cel: Required value'],
    [
      { 'spec.selectors': Array.from({ length: 33 }, () => ({})) },
      'spec.selectors: Too many: 33: must have at most 32 items',
    ],
    [{ 'spec.config': [{}] }, 'spec.config[0].opaque: Required value'],
    [
      { 'spec.extendedResourceName': 'cpu' },
      'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name',
    ],
  ])('with %j', (changes, ...messages) => {
    expect(runCreate(classKey, changed(deviceClass, changes)).refusals).toEqual(messages);
  });

  it('counts its changes', () => {
    const old = runCreate(classKey, deviceClass).object;
    expect(old.metadata.generation).toBe(1);
    const next = runUpdate(classKey, old, changed(old, { 'spec.extendedResourceName': 'a.b/c' }));
    expect(next).toMatchObject({ refusals: [], object: { metadata: { generation: 2 } } });
  });

  it('is checked once where it changes', () => {
    const old = runCreate(classKey, deviceClass).object;
    expect(runUpdate(classKey, old, changed(old, { 'spec.selectors': [{}] })).refusals).toEqual([
      'spec.selectors[0].cel: Required value',
    ]);
  });
});
