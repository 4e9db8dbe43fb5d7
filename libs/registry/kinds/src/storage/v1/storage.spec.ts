import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

type Changes = Record<string, unknown>;
const group = 'storage.k8s.io';
const meta = { metadata: { name: 'x', uid: 'u', resourceVersion: '7' } };
const samples: Readonly<Record<string, object>> = {
  storageclasses: { ...meta, provisioner: 'example.com/p', parameters: { a: 'b' } },
  volumeattributesclasses: { ...meta, driverName: 'example.com', parameters: { a: 'b' } },
  csidrivers: { ...meta, spec: {} },
  csinodes: { ...meta, spec: { drivers: [{ name: 'example.com', nodeID: 'n', topologyKeys: ['zone'] }] } },
  csistoragecapacities: { ...meta, storageClassName: 'fast', capacity: '1Gi' },
  volumeattachments: {
    ...meta,
    spec: { attacher: 'example.com', nodeName: 'node', source: { persistentVolumeName: 'pv' } },
  },
};
const create = (resource: string, changes: Changes): ReturnType<typeof runCreate> =>
  runCreate(`${group}/${resource}`, changed(samples[resource] ?? {}, changes));
const update = (
  resource: string,
  changes: Changes,
  old: Changes = {},
  subresource = '',
): ReturnType<typeof runUpdate> => {
  const { object } = create(resource, old);
  return runUpdate(`${group}/${resource}`, object, changed(object, changes), subresource);
};
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const qualifiedName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const manyParameters = Object.fromEntries(Array.from({ length: 513 }, (_, i) => [String(i), '']));
const term = (...matchLabelExpressions: object[]): object => ({ matchLabelExpressions });
const zone = { key: 'zone', values: ['a', 'b'] };

describe('defaults', () => {
  it('of classes: volumes go with their claims, and come at once', () => {
    expect(create('storageclasses', {}).object).toMatchObject({
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
    });
  });

  it('of drivers', () => {
    expect(create('csidrivers', {}).object).toMatchObject({
      spec: {
        attachRequired: true,
        podInfoOnMount: false,
        storageCapacity: false,
        fsGroupPolicy: 'ReadWriteOnceWithFSType',
        volumeLifecycleModes: ['Persistent'],
        requiresRepublish: false,
        seLinuxMount: false,
      },
    });
  });

  it('of attachments: nothing is attached, and a volume inside has the defaults of its source', () => {
    const inlineVolumeSpec = { hostPath: { path: '/' } };
    expect(
      create('volumeattachments', { 'spec.source': { inlineVolumeSpec }, status: { attached: true } }).object,
    ).toMatchObject({
      status: { attached: false },
      spec: { source: { inlineVolumeSpec: { hostPath: { type: '' } } } },
    });
  });
});

describe('a new object of storage', () => {
  it.each<[string, Changes, ...string[]]>([
    ...Object.keys(samples).map((resource): [string, Changes] => [resource, {}]),
    ['storageclasses', { provisioner: '' }, 'provisioner: Required value'],
    [
      'storageclasses',
      { provisioner: 'Example.com/P!' },
      `provisioner: Invalid value: "example.com/p!": ${qualifiedName}`,
    ],
    ['storageclasses', { parameters: undefined }],
    ['storageclasses', { parameters: { '': 'a' } }, 'parameters: Invalid value: "": field can not be empty.'],
    ['storageclasses', { parameters: manyParameters }, 'parameters: Too long: may not be more than 512 bytes'],
    [
      'storageclasses',
      { parameters: { a: 'b'.repeat(262_144) } },
      'parameters: Too long: may not be more than 262144 bytes',
    ],
    [
      'storageclasses',
      { reclaimPolicy: 'Recycle' },
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
    ],
    ['storageclasses', { reclaimPolicy: '' }],
    [
      'storageclasses',
      { volumeBindingMode: '' },
      'volumeBindingMode: Unsupported value: "": supported values: "Immediate", "WaitForFirstConsumer"',
    ],
    ['storageclasses', { allowedTopologies: [term(zone), term({ ...zone, values: ['c'] })] }],
    [
      'storageclasses',
      { allowedTopologies: [term(zone), term({ ...zone, values: ['b', 'a'] })] },
      'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
    ],
    ['storageclasses', { allowedTopologies: [{}] }, 'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
    [
      'storageclasses',
      {
        allowedTopologies: [
          term({ key: '!', values: [] }, { key: 'a', values: ['b', 'b'] }, { key: 'a', values: ['c'] }),
        ],
      },
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
      `allowedTopologies[0].matchLabelExpressions[0].key: Invalid value: "!": ${qualifiedName}`,
      'allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "b"',
      'allowedTopologies[0].matchLabelExpressions[2].key: Duplicate value: "a"',
    ],
    ['volumeattributesclasses', { driverName: '' }, 'driverName: Required value'],
    [
      'volumeattributesclasses',
      { parameters: {} },
      'parameters: Required value: must contain at least one key/value pair',
    ],
    [
      'csidrivers',
      { 'spec.fsGroupPolicy': 'x' },
      'spec.fsGroupPolicy: Unsupported value: "x": supported values: "File", "None", "ReadWriteOnceWithFSType"',
    ],
    [
      'csidrivers',
      { 'spec.volumeLifecycleModes': ['x', 'Ephemeral'] },
      'spec.volumeLifecycleModes: Unsupported value: "x": supported values: "Persistent", "Ephemeral"',
    ],
    [
      'csidrivers',
      {
        'spec.tokenRequests': [
          { audience: 'a', expirationSeconds: 599 },
          { audience: 'a', expirationSeconds: 1 },
          { audience: 'b', expirationSeconds: 2 ** 32 + 1 },
          { audience: '', expirationSeconds: 600 },
        ],
      },
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
      'spec.tokenRequests[2].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    ],
    ['csidrivers', { 'spec.nodeAllocatableUpdatePeriodSeconds': 10 }],
    [
      'csidrivers',
      { 'spec.nodeAllocatableUpdatePeriodSeconds': 9 },
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
    ],
    [
      'csidrivers',
      { 'spec.serviceAccountTokenInSecrets': false },
      'spec.serviceAccountTokenInSecrets: Invalid value: false: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
    ['csidrivers', { 'spec.serviceAccountTokenInSecrets': true, 'spec.tokenRequests': [{ audience: 'a' }] }],
    ['csinodes', { 'spec.drivers': [] }],
    [
      'csinodes',
      { 'spec.drivers': [{ name: '', nodeID: '', allocatable: { count: -1 } }] },
      'spec.drivers[0].name: Required value',
      `spec.drivers[0].name: Invalid value: "": ${subdomain}`,
      'spec.drivers[0].nodeID: Required value',
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'csinodes',
      {
        'spec.drivers': [
          { name: 'a', nodeID: 'n'.repeat(257), topologyKeys: ['k', 'k'] },
          { name: 'a', nodeID: 'n'.repeat(256) },
        ],
      },
      `spec.drivers[0].nodeID: Invalid value: "${'n'.repeat(257)}": must be 256 characters or less`,
      'spec.drivers[0]: Duplicate value: "k"',
      'spec.drivers[1].name: Duplicate value: "a"',
    ],
    [
      'csinodes',
      { 'spec.drivers.0.topologyKeys': ['zone', 'b c'] },
      "spec.drivers[0]: Invalid value: [\"zone\",\"b c\"]: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
    ['csistoragecapacities', { storageClassName: 'A' }, `storageClassName: Invalid value: "A": ${subdomain}`],
    [
      'csistoragecapacities',
      { capacity: '-1', nodeTopology: { matchExpressions: [{ key: 'a', operator: 'x' }] } },
      'nodeTopology.matchExpressions[0].operator: Invalid value: "x": not a valid selector operator',
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ],
    [
      'volumeattachments',
      { spec: { attacher: '', nodeName: 'A', source: {} } },
      'spec.attacher: Required value',
      'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
      `spec.nodeName: Invalid value: "A": ${subdomain}`,
      'spec.attacher: Required value',
      `spec.attacher: Invalid value: "": ${subdomain}`,
    ],
    [
      'volumeattachments',
      { 'spec.source': { persistentVolumeName: 'pv', inlineVolumeSpec: {} } },
      'spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
    ],
    [
      'volumeattachments',
      { 'spec.source': { persistentVolumeName: '' } },
      'spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName',
      `spec.source.persistentVolumeName: Invalid value: "": ${subdomain}`,
    ],
    [
      'volumeattachments',
      {
        'spec.source': {
          inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'd', volumeHandle: 'h' } },
        },
      },
    ],
    [
      'volumeattachments',
      {
        'spec.source': {
          inlineVolumeSpec: {
            claimRef: {},
            capacity: { storage: '1' },
            persistentVolumeReclaimPolicy: 'Delete',
            nodeAffinity: {},
            local: { path: '/' },
            storageClassName: 'a',
            volumeMode: 'Block',
          },
        },
      },
      'spec.source.inlineVolumeSpec.claimRef: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.accessModes: Required value',
      'spec.source.inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes',
      'spec.source.inlineVolumeSpec.nodeAffinity: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.nodeAffinity: Required value: Local volume requires node affinity',
      'spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes',
      'spec.source.inlineVolumeSpec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes',
    ],
  ])('%s with %j is refused for what is wrong', (resource, changes, ...refusals) => {
    expect(create(resource, changes).refusals).toEqual(refusals);
  });

  it('does not say that a driver must be there: the gate of that is off', () => {
    expect(create('csidrivers', { 'spec.preventPodSchedulingIfMissing': true }).object).not.toHaveProperty(
      'spec.preventPodSchedulingIfMissing',
    );
  });

  const beta = 'beta.kubernetes.io/os';
  it.each<[string, Changes, ...string[]]>([
    [
      'storageclasses',
      { allowedTopologies: [term(zone, { key: beta, values: ['a'] })] },
      'allowedTopologies[0].matchLabelExpressions[1].key: deprecated since v1.14; use "kubernetes.io/os" instead',
    ],
    [
      'csistoragecapacities',
      {
        nodeTopology: {
          matchLabels: { [beta]: 'linux', a: 'b' },
          matchExpressions: [{ key: beta, operator: 'Exists' }],
        },
      },
      'nodeTopology.matchExpressions[0].key: beta.kubernetes.io/os is deprecated since v1.14; use "kubernetes.io/os" instead',
      'nodeTopology.matchLabels.beta.kubernetes.io/os: deprecated since v1.14; use "kubernetes.io/os" instead',
    ],
  ])('%s with %j is warned of old labels', (resource, changes, ...warnings) => {
    expect(create(resource, changes).warnings).toEqual(warnings);
    expect(update(resource, changes).warnings).toEqual(warnings);
  });
});

describe('a changed object of storage', () => {
  it.each<[string, Changes, Changes, ...string[]]>([
    ...Object.keys(samples).map((resource): [string, Changes, Changes] => [resource, { 'metadata.labels': {} }, {}]),
    ['storageclasses', { allowVolumeExpansion: true, mountOptions: ['ro'] }, {}],
    [
      'storageclasses',
      { provisioner: 'b', parameters: undefined, reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' },
      {},
      'parameters: Forbidden: updates to parameters are forbidden.',
      'provisioner: Forbidden: updates to provisioner are forbidden.',
      'reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.',
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ],
    [
      'volumeattributesclasses',
      { driverName: '', parameters: {} },
      {},
      'driverName: Forbidden: updates to driverName are forbidden.',
      'parameters: Forbidden: updates to parameters are forbidden.',
      'driverName: Required value',
      'parameters: Required value: must contain at least one key/value pair',
    ],
    ['csidrivers', { 'spec.podInfoOnMount': true, 'spec.requiresRepublish': true }, {}],
    [
      'csidrivers',
      { 'spec.attachRequired': false, 'spec.volumeLifecycleModes': ['Ephemeral'] },
      {},
      'spec.attachedRequired: Invalid value: false: field is immutable',
      'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
    ],
    ['csinodes', { 'spec.drivers.0.allocatable': { count: 5 } }, {}],
    ['csinodes', { 'spec.drivers': [] }, {}],
    [
      'csinodes',
      { 'spec.drivers.0.nodeID': 'm', 'spec.drivers.0.allocatable': { count: 5 } },
      {},
      'spec.drivers: Invalid value: {"Name":"example.com","NodeID":"m","TopologyKeys":["zone"],"Allocatable":null}: field is immutable',
    ],
    [
      'csinodes',
      { 'spec.drivers.0.allocatable': { count: -1 } },
      {},
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
    ],
    ['csistoragecapacities', { capacity: '2Gi', maximumVolumeSize: '1Gi' }, {}],
    [
      'csistoragecapacities',
      { storageClassName: 'slow', nodeTopology: { matchLabels: { a: 'b' } } },
      {},
      'nodeTopology: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable',
      'storageClassName: Invalid value: "slow": field is immutable',
    ],
    [
      'csistoragecapacities',
      { capacity: '2Gi' },
      { nodeTopology: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b c'] }] } },
    ],
    [
      'volumeattachments',
      { 'spec.nodeName': 'other' },
      {},
      'spec: Invalid value: {"Attacher":"example.com","Source":{"PersistentVolumeName":"pv","InlineVolumeSpec":null},"NodeName":"other"}: field is immutable',
    ],
  ])('%s by %j of %j', (resource, changes, old, ...refusals) => {
    expect(update(resource, changes, old).refusals).toEqual(refusals);
  });

  it('counts what a driver is told to do, from its first change on', () => {
    expect(create('csidrivers', {}).object.metadata.generation).toBeUndefined();
    expect(update('csidrivers', { 'spec.podInfoOnMount': true }).object.metadata.generation).toBe(1);
    expect(update('csidrivers', { 'metadata.labels': {} }).object.metadata.generation).toBeUndefined();
  });

  it('keeps what a driver has of a gate that is off', () => {
    const { object } = create('csidrivers', {});
    const old = changed(object, { 'spec.preventPodSchedulingIfMissing': true });
    const { object: kept } = runUpdate(`${group}/csidrivers`, old, structuredClone(old));
    expect(kept).toHaveProperty('spec.preventPodSchedulingIfMissing', true);
    expect(update('csidrivers', { 'spec.preventPodSchedulingIfMissing': true }).object).not.toHaveProperty(
      'spec.preventPodSchedulingIfMissing',
    );
  });
});

describe('the status of an attachment', () => {
  const resource = 'volumeattachments';

  it('is the attacher’s, who may change nothing else', () => {
    const { object } = update(
      resource,
      { 'status.attached': true, 'spec.nodeName': 'other', 'metadata.labels': { a: 'b' } },
      {},
      'status',
    );
    expect(object).toMatchObject({ spec: { nodeName: 'node' }, status: { attached: true } });
    expect(object.metadata.labels).toBeUndefined();
    expect(update(resource, { 'status.attached': true }).object).toMatchObject({ status: { attached: false } });
  });

  it.each<[Changes, ...string[]]>([
    [{ 'status.attachError': { message: 'a'.repeat(1024), errorCode: 8 } }],
    [
      { 'status.attachError': { message: 'a'.repeat(1025), errorCode: -1 } },
      'status.attachError.message: Too long: may not be more than 262144 bytes',
      'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
    ],
    [
      { 'status.attachmentMetadata': { a: 'b'.repeat(262_144) } },
      'status.attachmentMetadata: Too long: may not be more than 262144 bytes',
    ],
  ])('with %j is refused for what is wrong, once by each that looks', (changes, ...refusals) => {
    expect(update(resource, changes, {}, 'status').refusals).toEqual([...refusals, ...refusals]);
  });
});
