import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../testing/run-strategy';

const given = {
  metadata: { name: 'pi', namespace: 'team', uid: 'u' },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i:1' }] } } },
};
type Changes = Record<string, unknown>;
const plain = runCreate('batch/jobs', given).object;
const indexed = runCreate(
  'batch/jobs',
  changed(given, { 'spec.completionMode': 'Indexed', 'spec.completions': 5, 'spec.parallelism': 5 }),
).object;
const perIndex = changed(indexed, { 'spec.backoffLimitPerIndex': 1 });

const refusals = (old: KubeObject, changes: Changes): readonly string[] =>
  runUpdate('batch/jobs', old, changed(old, changes), 'status').refusals;

const [first, second, third] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:05Z', '2026-01-01T00:00:09Z'];
const conditions = (...types: string[]): Changes => ({
  'status.conditions': types.map((type) => ({ type, status: 'True' })),
});
const complete: Changes = {
  ...conditions('SuccessCriteriaMet', 'Complete'),
  'status.startTime': first,
  'status.completionTime': second,
};
const failed: Changes = { ...conditions('FailureTarget', 'Failed'), 'status.startTime': first };
const ofConditions = (...whys: string[]): string[] => whys.map((why) => `status.conditions: Invalid value: ${why}`);
const notNegative = 'must be greater than or equal to 0';

describe('what a job is said to have done', () => {
  it.each<[Changes, ...string[]]>([
    [{ 'status.active': 1, 'status.ready': 1, 'status.startTime': first }],
    [complete],
    [failed],
    [{ 'status.active': -1 }, `status.active: Invalid value: -1: ${notNegative}`],
    [{ 'status.ready': -1 }, `status.ready: Invalid value: -1: ${notNegative}`],
    [{ 'status.terminating': -1 }, `status.terminating: Invalid value: -1: ${notNegative}`],
    [
      { 'status.succeeded': -1 },
      `status.succeeded: Invalid value: -1: ${notNegative}`,
      'status.succeeded: Invalid value: -1: cannot decrease the succeeded counter',
    ],
    [
      { 'status.failed': -1 },
      `status.failed: Invalid value: -1: ${notNegative}`,
      'status.failed: Invalid value: -1: cannot decrease the failed counter',
    ],
    [{ 'status.uncountedTerminatedPods': { succeeded: ['a'], failed: ['b'] } }],
    [
      { 'status.uncountedTerminatedPods': { succeeded: ['a', ''], failed: ['a'] } },
      'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
      'status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"',
    ],
    [
      { 'status.active': 1, 'status.ready': 2 },
      'status.ready: Invalid value: 2: cannot set more ready pods than active',
    ],
    [
      { 'status.completionTime': second },
      `status.completionTime: Invalid value: "${second}": cannot set completionTime when there is no Complete=True condition`,
    ],
    [
      { ...complete, 'status.completionTime': undefined },
      'status.completionTime: Required value: completionTime is required for Complete jobs',
    ],
    [{ ...complete, 'status.completionTime': first }],
    [
      { ...complete, 'status.startTime': third },
      `status.completionTime: Invalid value: "${second}": must be equal to or after \`startTime\``,
    ],
    [
      { ...failed, ...conditions('Failed') },
      ...ofConditions('cannot set Failed=True condition without the FailureTarget=true condition'),
    ],
    [
      { ...complete, ...conditions('Complete') },
      ...ofConditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ],
    [
      { ...complete, ...conditions('FailureTarget', 'Failed', 'Complete', 'SuccessCriteriaMet') },
      ...ofConditions(
        'cannot set Complete=True and Failed=true conditions',
        'cannot set Complete=True and FailureTarget=true conditions',
        'cannot set SuccessCriteriaMet=True and Failed=true conditions',
        'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
      ),
    ],
    [{ ...complete, 'status.active': 1 }, 'status.active: Invalid value: 1: active>0 is invalid for finished job'],
    [
      { ...complete, 'status.terminating': 1 },
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
    ],
    [
      { ...complete, 'status.startTime': undefined },
      'status.startTime: Required value: startTime is required for finished job',
    ],
    [
      { ...complete, 'status.uncountedTerminatedPods': { succeeded: ['a'] } },
      'status.uncountedTerminatedPods: Invalid value: {"Succeeded":["a"],"Failed":null}: must be empty for finished job',
    ],
    [{ ...complete, 'status.uncountedTerminatedPods': {} }],
    [
      { 'status.completedIndexes': '0' },
      'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
    ],
    [
      { 'status.failedIndexes': '0' },
      'status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  ])('%j', (changes, ...messages) => {
    expect(refusals(plain, changes)).toEqual(messages);
  });

  it.each<[Changes, ...string[]]>([
    [{ 'status.completedIndexes': '0,2-3', 'status.failedIndexes': '1,4' }],
    [
      { 'status.completedIndexes': '5' },
      'status.completedIndexes: Invalid value: "5": error parsing completedIndexes: too large index: "5"',
    ],
    [
      { 'status.failedIndexes': 'x' },
      'status.failedIndexes: Invalid value: "x": error parsing failedIndexes: cannot convert string to integer for index: "x"',
    ],
    [
      { 'status.completedIndexes': '0,2', 'status.failedIndexes': '1-3' },
      'status.failedIndexes: Invalid value: "1-3": failedIndexes and completedIndexes overlap at index: 2',
    ],
    [
      { ...complete, ...conditions('Complete') },
      ...ofConditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    ],
  ])('index by index: %j', (changes, ...messages) => {
    expect(refusals(perIndex, changes)).toEqual(messages);
  });

  it('meets its success policy', () => {
    const job = changed(indexed, { 'spec.successPolicy': { rules: [{ succeededCount: 1 }] } });
    expect(refusals(job, complete)).toEqual([]);
    expect(refusals(job, { ...complete, ...conditions('Complete') })).toEqual(
      ofConditions(
        'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
        'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
      ),
    );
  });

  it('needs no start if there was nothing to do', () => {
    const job = changed(plain, { 'spec.suspend': true, 'spec.completions': 0 });
    expect(refusals(job, { ...complete, 'status.startTime': undefined })).toEqual([]);
  });
});

describe('what a job was said to have done', () => {
  it.each<[Changes, Changes, ...string[]]>([
    [failed, conditions('FailureTarget'), ...ofConditions('cannot disable the terminal Failed=True condition')],
    [
      complete,
      { ...conditions('SuccessCriteriaMet'), 'status.completionTime': undefined },
      ...ofConditions('cannot disable the terminal Complete=True condition'),
    ],
    [
      conditions('FailureTarget'),
      conditions(),
      ...ofConditions('cannot disable the terminal FailureTarget=True condition'),
    ],
    [
      conditions('SuccessCriteriaMet'),
      conditions(),
      ...ofConditions('cannot disable the SuccessCriteriaMet=True condition'),
    ],
    [
      { ...complete, ...conditions('Complete') },
      conditions('Complete', 'SuccessCriteriaMet'),
      ...ofConditions('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'),
    ],
    [
      { 'status.failed': 2 },
      { 'status.failed': 1 },
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
    ],
    [
      { 'status.succeeded': 2 },
      { 'status.succeeded': 1 },
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
    ],
    [
      complete,
      { 'status.completionTime': third },
      `status.completionTime: Invalid value: "${third}": field is immutable`,
    ],
    [
      { 'status.startTime': first },
      { 'status.startTime': undefined },
      'status.startTime: Required value: startTime cannot be removed for unsuspended job',
    ],
    [
      { 'status.startTime': first },
      { 'status.startTime': second },
      'status.startTime: Required value: startTime cannot be removed for unsuspended job',
    ],
    [{ 'status.startTime': first, 'spec.suspend': true }, { 'status.startTime': undefined }],
    [
      { ...conditions('Suspended'), 'status.startTime': first },
      { 'status.conditions': [{ type: 'Suspended', status: 'False' }], 'status.startTime': second },
    ],
    // What the update leaves alone may be as wrong as it was.
    [{ ...conditions('Complete'), 'status.completionTime': first, 'status.startTime': second }, { 'status.failed': 1 }],
  ])('%j, and is now %j', (before, changes, ...messages) => {
    expect(refusals(changed(plain, before), changes)).toEqual(messages);
  });

  it('counts down with its indexes', () => {
    expect(refusals(changed(indexed, { 'status.succeeded': 2 }), { 'status.succeeded': 1 })).toEqual([]);
  });
});
