import type { batchv1 } from '@reckon/api/types';
import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testContext, testStrategies } from '../../testing/run-strategy';

const given = {
  metadata: { name: 'pi', namespace: 'team', uid: 'u' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i:1' }] } } },
};
type Changes = Record<string, unknown>;
const made = (changes: Changes = {}): KubeObject => runCreate('batch/jobs', changed(given, changes)).object;
const plain = made();
const indexed = made({ 'spec.completionMode': 'Indexed', 'spec.completions': 5, 'spec.parallelism': 5 });
const update = (old: KubeObject, changes: Changes): ReturnType<typeof runUpdate> =>
  runUpdate('batch/jobs', old, changed(old, changes));
const immutable = 'field is immutable';

describe('a job that changes', () => {
  it.each<[Changes, ...string[]]>([
    [{}],
    [
      {
        'spec.parallelism': 3,
        'spec.suspend': true,
        'spec.backoffLimit': 2,
        'spec.activeDeadlineSeconds': 5,
        'spec.ttlSecondsAfterFinished': 5,
      },
    ],
    [{ 'spec.completions': 2 }, `spec.completions: Invalid value: 2: ${immutable}`],
    [{ 'spec.completionMode': 'Indexed' }, `spec.completionMode: Invalid value: "Indexed": ${immutable}`],
    [{ 'spec.managedBy': 'a.io/b' }, `spec.managedBy: Invalid value: "a.io/b": ${immutable}`],
    [
      {
        'spec.podFailurePolicy': { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'Ready' }] }] },
        'spec.podReplacementPolicy': 'Failed',
      },
      `spec.podFailurePolicy: Invalid value: {"Rules":[{"Action":"Ignore","OnExitCodes":null,"OnPodConditions":[{"Type":"Ready","Status":"True"}]}]}: ${immutable}`,
    ],
    // Upstream looks at the spec twice, so it says what is wrong with it twice.
    [
      { 'spec.parallelism': -1 },
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      { 'spec.selector.matchLabels.job-name': 'pi' },
      `spec.selector: Invalid value: {"matchLabels":{"batch.kubernetes.io/controller-uid":"u","job-name":"pi"}}: ${immutable}`,
    ],
  ])('with %j', (changes, ...messages) => {
    expect(update(plain, changes).refusals).toEqual(messages);
  });

  it.each<[Changes, ...string[]]>([
    [{ 'spec.completions': 3, 'spec.parallelism': 3 }],
    [
      { 'spec.completions': 3 },
      'spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism',
    ],
    [{ 'spec.backoffLimitPerIndex': 1 }, `spec.backoffLimitPerIndex: Invalid value: 1: ${immutable}`],
    [
      { 'spec.successPolicy': { rules: [{ succeededCount: 1 }] } },
      `spec.successPolicy: Invalid value: {"Rules":[{"SucceededIndexes":null,"SucceededCount":1}]}: ${immutable}`,
    ],
  ])('when it is indexed, with %j', (changes, ...messages) => {
    expect(update(indexed, changes).refusals).toEqual(messages);
  });

  it('counts changes of its spec, and keeps spec and status apart', () => {
    const both = { 'spec.parallelism': 2, 'status.active': 1 };
    expect(update(plain, both).object).toMatchObject({ metadata: { generation: 2 }, spec: { parallelism: 2 } });
    expect(update(plain, both).object['status']).toEqual({});
    expect(update(plain, { 'metadata.annotations': { a: 'b' } }).object.metadata.generation).toBe(1);
    const { object } = runUpdate('batch/jobs', plain, changed(plain, both), 'status');
    expect(object).toMatchObject({ metadata: { generation: 1 }, spec: { parallelism: 1 }, status: { active: 1 } });
  });

  it('may lack the prefixed labels only if it did', () => {
    const path = 'spec.template.metadata.labels';
    const legacy = { 'controller-uid': 'u', 'job-name': 'pi' };
    const old = changed(plain, { [path]: legacy, 'spec.selector': { matchLabels: { 'controller-uid': 'u' } } });
    expect(update(old, { 'spec.parallelism': 2 }).refusals).toEqual([]);
    expect(update(plain, { [path]: legacy }).refusals.slice(0, 2)).toEqual([
      `${path}[batch.kubernetes.io/controller-uid]: Required value: must be 'u'`,
      `${path}[batch.kubernetes.io/job-name]: Required value: must be 'pi'`,
    ]);
  });

  it('is deleted without its pods unless the client says otherwise', () => {
    const strategy = testStrategies().of('batch', 'jobs')?.strategy;
    expect(strategy?.defaultPropagation).toBe('Orphan');
    const warned = (options: object): readonly string[] => {
      const ctx = testContext();
      strategy?.checkGracefulDelete?.(ctx, plain, options);
      return ctx.warned;
    };
    expect(warned({})).toEqual([
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    ]);
    expect(warned({ propagationPolicy: 'Background' })).toEqual([]);
    expect(warned({ orphanDependents: true })).toEqual([]);
  });
});

describe('the template of a job', () => {
  const startTime = '2026-01-01T00:00:00Z';
  const suspended = made({ 'spec.suspend': true });
  const jobs = {
    running: plain,
    suspended,
    'suspended with pods left': changed(suspended, { 'status.startTime': startTime, 'status.active': 1 }),
    'quiet again': changed(suspended, {
      'status.startTime': startTime,
      'status.conditions': [{ type: 'Suspended', status: 'True' }],
    }),
  };
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
    },
  };
  const directives: Changes = {
    'spec.template.spec.nodeSelector': { a: 'b' },
    'spec.template.spec.tolerations': [{ key: 'a', operator: 'Exists' }],
    'spec.template.spec.schedulingGates': [{ name: 'a.io/b' }],
    'spec.template.spec.affinity': { nodeAffinity },
    'spec.template.metadata.annotations': { a: 'b' },
    'spec.template.metadata.labels.more': 'yes',
  };
  const resources: Changes = {
    'spec.template.spec.containers.0.resources': { limits: { cpu: '1' }, requests: { cpu: '1' } },
  };
  const podAffinity: Changes = { 'spec.template.spec.affinity': { nodeAffinity, podAffinity: {} } };
  const image: Changes = { 'spec.template.spec.containers.0.image': 'j:2' };
  const template = 'spec.template';
  const pod = 'spec.template.spec';

  it.each<[keyof typeof jobs, string, Changes, string | undefined]>([
    ['running', 'directives', directives, template],
    ['suspended', 'directives', directives, undefined],
    ['suspended with pods left', 'directives', directives, template],
    ['quiet again', 'directives', directives, undefined],
    ['running', 'resources', resources, template],
    ['suspended', 'resources', resources, template],
    ['suspended with pods left', 'resources', resources, template],
    ['quiet again', 'resources', resources, undefined],
    ['quiet again', 'directives and resources', { ...directives, ...resources }, undefined],
    ['suspended', 'affinity to pods', podAffinity, template],
    ['quiet again', 'affinity to pods', podAffinity, pod],
    ['suspended', 'image', image, template],
    ['quiet again', 'image', image, pod],
  ])('of a job that is %s: its %s', (job, _, changes, refusedAt) => {
    const { errors, refusals } = update(jobs[job], changes);
    expect(errors.map(({ field }) => field)).toEqual(refusedAt === undefined ? [] : [refusedAt]);
    for (const refusal of refusals) expect(refusal).toMatch(/: field is immutable$/);
  });

  it('is shown as upstream has it inside', () => {
    const refusal = update(plain, { 'spec.template.spec.nodeSelector': { a: 'b' } }).refusals[0] ?? '';
    const labels = (plain as unknown as batchv1.Job).metadata.labels ?? {};
    const sorted = Object.fromEntries(Object.entries(labels).sort());
    expect(refusal.startsWith(`spec.template: Invalid value: {"labels":${JSON.stringify(sorted)},"Spec":{`)).toBe(true);
  });
});

it('refuses a job whose containers went away', () => {
  const { refusals } = update(plain, { 'spec.template.spec.containers': null });
  expect(refusals).toContain('spec.template.spec.containers: Required value');
});
