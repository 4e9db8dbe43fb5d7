import type { batchv1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate } from '../../testing/run-strategy';
import { overlapOf, readIndexes } from './job-indexes';

const given = {
  metadata: { name: 'pi', namespace: 'team', uid: 'u' },
  spec: {
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [{ name: 'c', image: 'i:1' }],
        initContainers: [{ name: 'd', image: 'i:1' }],
      },
    },
  },
};
type Changes = Record<string, unknown>;
const make = (changes: Changes = {}): ReturnType<typeof runCreate> => runCreate('batch/jobs', changed(given, changes));
const indexed = { 'spec.completionMode': 'Indexed', 'spec.completions': 5 };
const notNegative = 'must be greater than or equal to 0';
const generated = {
  'batch.kubernetes.io/controller-uid': 'u',
  'batch.kubernetes.io/job-name': 'pi',
  'controller-uid': 'u',
  'job-name': 'pi',
};

describe('a new job', () => {
  it('gets the defaults of the API, labels for its pods and a selector for them', () => {
    const { object } = make();
    expect(object).toMatchObject({
      metadata: { generation: 1, labels: generated },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        manualSelector: false,
        podReplacementPolicy: 'TerminatingOrFailed',
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } },
        template: { metadata: { labels: generated }, spec: { dnsPolicy: 'ClusterFirst' } },
      },
    });
    expect(object['status']).toEqual({});
  });

  it('keeps labels of its own', () => {
    expect(make({ 'metadata.labels': { a: 'b' } }).object.metadata.labels).toEqual({ a: 'b' });
  });

  it.each<[Changes, batchv1.JobSpec]>([
    [{ 'spec.parallelism': 3 }, { parallelism: 3, template: {} }],
    [{ 'spec.completions': 3 }, { parallelism: 1, completions: 3, template: {} }],
    [
      { ...indexed, 'spec.backoffLimitPerIndex': 1 },
      { backoffLimit: 2147483647, template: {} },
    ],
    [{ 'spec.podFailurePolicy': { rules: [] } }, { podReplacementPolicy: 'Failed', template: {} }],
  ])('fills in what follows from %j', (changes, spec) => {
    const { object } = make(changes);
    expect(object['spec']).toMatchObject({ ...spec, template: {} });
    expect(Object.hasOwn(object['spec'] as object, 'completions')).toBe(!Object.hasOwn(changes, 'spec.parallelism'));
  });

  it('warns of its name, its template and of more than can be counted', () => {
    expect(
      make({
        ...indexed,
        'metadata.name': 'a.b',
        'spec.completions': 100_001,
        'spec.parallelism': 10_001,
        'spec.template.spec.terminationGracePeriodSeconds': -1,
      }).warnings,
    ).toEqual([
      'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
      'spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail',
      'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ]);
  });

  it.each(['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'])(
    'has no negative %s',
    (field) => {
      expect(make({ [`spec.${field}`]: -1 }).refusals).toEqual([`spec.${field}: Invalid value: -1: ${notNegative}`]);
      expect(make({ [`spec.${field}`]: 0 }).refusals).toEqual([]);
    },
  );

  it.each<[Changes, ...string[]]>([
    [
      { 'spec.completionMode': 'Other' },
      'spec.completionMode: Unsupported value: "Other": supported values: "NonIndexed", "Indexed"',
    ],
    [
      { 'spec.backoffLimitPerIndex': 1 },
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
    ],
    [
      { 'spec.maxFailedIndexes': 1 },
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
    ],
    [
      { 'spec.successPolicy': { rules: [{ succeededCount: 1 }] } },
      'spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: requires indexed completion mode',
    ],
    [{ 'spec.podReplacementPolicy': 'Failed' }],
    [
      { 'spec.podReplacementPolicy': 'Never' },
      'spec.podReplacementPolicy: Unsupported value: "Never": supported values: "Failed", "TerminatingOrFailed"',
    ],
    [
      { 'spec.podFailurePolicy': { rules: [] }, 'spec.podReplacementPolicy': 'TerminatingOrFailed' },
      'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"',
    ],
    [
      { 'spec.template.spec.restartPolicy': undefined },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [{ 'spec.template.spec.restartPolicy': 'OnFailure' }],
    [
      { 'spec.template.spec.restartPolicy': 'Sometimes' },
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "OnFailure", "Never"',
    ],
    [
      { 'spec.template.spec.restartPolicy': 'OnFailure', 'spec.podFailurePolicy': { rules: [] } },
      'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
    ],
    [{ 'spec.template.spec.containers': [] }, 'spec.template.spec.containers: Required value'],
    [{ 'spec.managedBy': 'acme.io/foo' }],
    [{ 'spec.managedBy': '' }, 'spec.managedBy: Required value'],
    [
      { 'spec.managedBy': 'acme' },
      'spec.managedBy: Invalid value: "acme": must be a domain-prefixed path (such as "acme.io/foo")',
    ],
    [
      { 'spec.managedBy': 'A.io/foo' },
      `spec.managedBy: Invalid value: "A.io": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ],
    [
      { 'spec.managedBy': 'acme.io/f o' },
      "spec.managedBy: Invalid value: \"f o\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
    ],
    [{ 'spec.managedBy': `acme.io/${'f'.repeat(56)}` }, 'spec.managedBy: Too long: may not be more than 63 bytes'],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });
});

describe('the selector of a job', () => {
  const path = 'spec.template.metadata.labels';
  const selectsOthers = '`selector` does not match template `labels`';
  const other = { ...generated, 'batch.kubernetes.io/controller-uid': 'other' };

  it.each<[Changes, ...string[]]>([
    [
      { 'spec.selector': { matchLabels: { a: 'b' } } },
      'spec.selector: Invalid value: {"matchLabels":{"a":"b","batch.kubernetes.io/controller-uid":"u"}}: `selector` not auto-generated',
      `${path}: Invalid value: ${JSON.stringify(generated)}: ${selectsOthers}`,
    ],
    [{ 'spec.manualSelector': true, 'spec.selector': { matchLabels: { a: 'b' } }, [path]: { a: 'b' } }],
    [
      { 'spec.manualSelector': true, 'spec.selector': { matchLabels: { a: 'b' } } },
      `${path}: Invalid value: null: ${selectsOthers}`,
    ],
    [
      { 'spec.manualSelector': true },
      'spec.selector: Required value',
      `${path}: Invalid value: null: ${selectsOthers}`,
    ],
    [
      { [path]: { 'job-name': 'other' } },
      `${path}[job-name]: Invalid value: ${JSON.stringify({ ...generated, 'job-name': 'other' })}: must be 'pi'`,
    ],
    [
      { [path]: { 'batch.kubernetes.io/controller-uid': 'other' } },
      `${path}[batch.kubernetes.io/controller-uid]: Invalid value: ${JSON.stringify(other)}: must be 'u'`,
      `${path}: Invalid value: ${JSON.stringify(other)}: ${selectsOthers}`,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make(changes).refusals).toEqual(messages);
  });
});

describe('an indexed job', () => {
  const maxFailed = 'spec.maxFailedIndexes: Invalid value';
  const ofMany = 'when completions are above 100000 and used with backoff limit per index';

  it.each<[Changes, ...string[]]>([
    [{}],
    [
      { 'spec.completions': undefined, 'spec.parallelism': 2 },
      'spec.completions: Required value: when completion mode is Indexed',
    ],
    [{ 'spec.backoffLimitPerIndex': -1 }, `spec.backoffLimitPerIndex: Invalid value: -1: ${notNegative}`],
    [{ 'spec.backoffLimitPerIndex': 0, 'spec.maxFailedIndexes': 5 }],
    [{ 'spec.backoffLimitPerIndex': 0, 'spec.maxFailedIndexes': -1 }, `${maxFailed}: -1: ${notNegative}`],
    [{ 'spec.maxFailedIndexes': 1 }, 'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified'],
    [
      { 'spec.backoffLimitPerIndex': 0, 'spec.maxFailedIndexes': 6 },
      `${maxFailed}: 6: must be less than or equal to completions`,
    ],
    [
      { 'spec.parallelism': 100_001 },
      'spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed',
    ],
    [{ 'spec.completions': 100_000, 'spec.backoffLimitPerIndex': 0 }],
    [
      { 'spec.completions': 100_001, 'spec.backoffLimitPerIndex': 0 },
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
    ],
    [
      {
        'spec.completions': 100_001,
        'spec.parallelism': 10_001,
        'spec.backoffLimitPerIndex': 0,
        'spec.maxFailedIndexes': 10_001,
      },
      `spec.parallelism: Invalid value: 10001: must be less than or equal to 10000 ${ofMany}`,
      `${maxFailed}: 10001: must be less than or equal to 10000 ${ofMany}`,
    ],
    [
      { 'spec.completions': 200_000, 'spec.backoffLimitPerIndex': 0, 'spec.maxFailedIndexes': 100_001 },
      `${maxFailed}: 100001: must be less than or equal to 100000`,
      `${maxFailed}: 100001: must be less than or equal to 10000 ${ofMany}`,
    ],
    [{ 'metadata.name': 'a'.repeat(61) }],
    [
      { 'metadata.name': 'a'.repeat(62) },
      `metadata.name: Invalid value: "${'a'.repeat(62)}": will not able to create pod with invalid DNS label: ${'a'.repeat(62)}-4`,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(make({ ...indexed, ...changes }).refusals).toEqual(messages);
  });
});

describe('the rules of a pod failure policy', () => {
  const codes = { operator: 'In', values: [1, 2] };
  const badName =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  const listOf = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i));

  it.each<[object, ...string[]]>([
    [{ action: 'FailJob', onExitCodes: codes }],
    [{ action: 'Count', onExitCodes: { ...codes, containerName: 'c' } }],
    [{ action: 'Ignore', onExitCodes: { ...codes, containerName: 'd' } }],
    [{ action: 'Ignore', onExitCodes: { operator: 'NotIn', values: [0] } }],
    [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }],
    [{ onExitCodes: codes }, '.action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]'],
    [
      { action: 'Wait', onExitCodes: codes },
      '.action: Unsupported value: "Wait": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
    ],
    [
      { action: 'FailIndex', onExitCodes: codes },
      '.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
    ],
    [{ action: 'Ignore' }, ': Invalid value: specifying one of OnExitCodes and OnPodConditions is required'],
    [
      { action: 'Ignore', onExitCodes: codes, onPodConditions: [{ type: 'Ready', status: 'True' }] },
      ': Invalid value: specifying both OnExitCodes and OnPodConditions is not supported',
    ],
    [
      { action: 'Ignore', onPodConditions: [{ type: '', status: 'Maybe' }] },
      '.onPodConditions[0].type: Invalid value: "": name part must be non-empty',
      `.onPodConditions[0].type: Invalid value: "": ${badName}`,
      '.onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    ],
    [
      { action: 'Ignore', onPodConditions: listOf(21, () => ({ type: 'Ready' })) },
      '.onPodConditions: Too many: 21: must have at most 20 items',
    ],
    [
      { action: 'Ignore', onExitCodes: { values: [1] } },
      '.onExitCodes.operator: Required value: valid values: ["In" "NotIn"]',
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'Out', values: [1] } },
      '.onExitCodes.operator: Unsupported value: "Out": supported values: "In", "NotIn"',
    ],
    [
      { action: 'Ignore', onExitCodes: { ...codes, containerName: 'e' } },
      '.onExitCodes.containerName: Invalid value: "e": must be one of the container or initContainer names in the pod template',
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In' } },
      '.onExitCodes.values: Invalid value: null: at least one value is required',
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [] } },
      '.onExitCodes.values: Invalid value: []: at least one value is required',
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: listOf(256, (i) => i + 1) } },
      '.onExitCodes.values: Too many: 256: must have at most 255 items',
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [0] } },
      '.onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator',
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [2, 1] } },
      '.onExitCodes.values: Invalid value: [2,1]: must be ordered',
    ],
    [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [1, 1] } },
      '.onExitCodes.values[1]: Duplicate value: 1',
    ],
  ])('with %j', (rule, ...messages) => {
    expect(make({ 'spec.podFailurePolicy': { rules: [rule] } }).refusals).toEqual(
      messages.map((message) => `spec.podFailurePolicy.rules[0]${message}`),
    );
  });

  it('may fail single indexes of an indexed job, and are twenty at most', () => {
    const rule = { action: 'FailIndex', onExitCodes: codes };
    const policy = (count: number): Changes => ({
      ...indexed,
      'spec.backoffLimitPerIndex': 1,
      'spec.podFailurePolicy': { rules: listOf(count, () => rule) },
    });
    expect(make(policy(20)).refusals).toEqual([]);
    expect(make(policy(21)).refusals).toEqual([
      'spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items',
    ]);
  });
});

describe('the rules of a success policy', () => {
  const parsing = 'error parsing succeededIndexes';

  it.each<[object[], ...string[]]>([
    [[{ succeededCount: 5 }, { succeededIndexes: '0,2-4' }, { succeededIndexes: '0,4', succeededCount: 2 }]],
    [[], ': Required value: at least one rules must be specified when the successPolicy is specified'],
    [Array.from({ length: 21 }, () => ({ succeededCount: 1 })), ': Too many: 21: must have at most 20 items'],
    [[{}], '[0]: Required value: at least one of succeededCount or succeededIndexes must be specified'],
    [
      [{ succeededCount: 6 }],
      '[0].succeededCount: Invalid value: 6: must be less than or equal to 5 (the number of specified completions)',
    ],
    [[{ succeededCount: -1 }], `[0].succeededCount: Invalid value: -1: ${notNegative}`],
    [
      [{ succeededIndexes: '0', succeededCount: 2 }],
      '[0].succeededCount: Invalid value: 2: must be less than or equal to 1 (the number of indexes in the specified succeededIndexes field)',
    ],
    [[{ succeededIndexes: '5' }], `[0].succeededIndexes: Invalid value: "5": ${parsing}: too large index: "5"`],
    [
      [{ succeededIndexes: 'x' }],
      `[0].succeededIndexes: Invalid value: "x": ${parsing}: cannot convert string to integer for index: "x"`,
    ],
  ])('%j', (rules, ...messages) => {
    expect(make({ ...indexed, 'spec.successPolicy': { rules } }).refusals).toEqual(
      messages.map((message) => `spec.successPolicy.rules${message}`),
    );
  });

  it('are short', () => {
    const rules = [{ succeededIndexes: '0'.repeat(65_537) }];
    expect(make({ ...indexed, 'spec.successPolicy': { rules } }).refusals[0]).toBe(
      'spec.successPolicy.rules[0].succeededIndexes: Too long: may not be more than 65536 bytes',
    );
  });
});

describe('indexes of a job', () => {
  it.each<[string, number | string]>([
    ['', 0],
    ['0', 1],
    ['0,2-4', 4],
    ['x', 'cannot convert string to integer for index: "x"'],
    ['1-x', 'cannot convert string to integer for index: "x"'],
    ['1,', 'cannot convert string to integer for index: ""'],
    ['7', 'too large index: "7"'],
    ['3-7', 'too large index: "7"'],
    ['3-1', 'non-increasing order, previous: 3, current: 1'],
    ['2-2', 'non-increasing order, previous: 2, current: 2'],
    ['1,1', 'non-increasing order, previous: 1, current: 1'],
    [
      '1-2-3',
      `the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by '-'`,
    ],
  ])('%j', (text, outcome) => {
    expect(readIndexes(text, 7)).toEqual(typeof outcome === 'number' ? { total: outcome } : { problem: outcome });
  });

  it.each<[string, string, number | undefined]>([
    ['', '', undefined],
    ['0,2-3', '1,4-6', undefined],
    ['0-3,5', '5', 5],
    ['2-4', '0,3-6', 3],
    ['0-6', '2', 2],
    ['x,1', '1', 1],
  ])('%j and %j have %j in common', (completed, failed, overlap) => {
    expect(overlapOf(completed, failed, 7)).toBe(overlap);
  });
});
