import type { batchv1, corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../replica-set/pod-state';
import { parseIndexes } from './index-intervals';
import { OwnWrites } from '../ownership/own-writes';
import { finishedMs, nextBackOff, noBackOff, remainingMs } from './pod-back-off';
import { matchPodFailurePolicy } from './pod-failure-policy';
import { metSuccessRule } from './success-policy';

const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000', '');
const ended = (seconds: number, exitCode = 1): corev1.ContainerStatus => ({
  name: 'main',
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: { terminated: { exitCode, finishedAt: time(seconds) } },
});
const pod = (status: corev1.PodStatus, metadata: Pod['metadata'] = {}): Pod => ({
  metadata: { name: 'p', namespace: 'n', ...metadata },
  status,
});
const endedAt = (seconds: number): Pod => pod({ containerStatuses: [ended(seconds)] });

describe('when a pod ended', () => {
  const running: corev1.ContainerStatus = { ...ended(0), state: { running: {} } };
  const unready = { type: 'Ready', status: 'False', lastTransitionTime: time(20) };
  it.each([
    ['its last container did', pod({ containerStatuses: [ended(5), ended(9), ended(7)], conditions: [unready] }), 9],
    ['it ceased to be ready', pod({ containerStatuses: [ended(5), running], conditions: [unready] }), 20],
    [
      'its deletion was asked for',
      pod({}, { creationTimestamp: time(1), deletionTimestamp: time(60), deletionGracePeriodSeconds: 30 }),
      30,
    ],
    ['it was made', pod({}, { creationTimestamp: time(1) }), 1],
  ])('is when %s', (_, ofPod, seconds) => {
    expect(finishedMs(ofPod)).toBe(seconds * 1000);
  });
});

describe('the back-off', () => {
  const two = { failures: 2, lastFailureMs: 1000 };
  it.each([
    ['stays while nothing ends', two, [], [], two],
    ['grows with each failure', two, [], [7, 5], { failures: 4, lastFailureMs: 7000 }],
    ['begins anew with a success', two, [5], [], noBackOff],
    ['counts failures after the last success', two, [5], [4, 5, 6, 8], { failures: 2, lastFailureMs: 8000 }],
    ['does not count failures before it', two, [5, 9], [4, 8], noBackOff],
  ])('%s', (_, before, succeeded, failed, after) => {
    expect(nextBackOff(before, succeeded.map(endedAt), failed.map(endedAt))).toEqual(after);
  });

  it.each([
    [0, 0],
    [1, 10],
    [2, 20],
    [6, 320],
    [7, 600],
    [1000, 600],
  ])('after %d failures is %d seconds', (failures, seconds) => {
    expect(remainingMs({ failures, lastFailureMs: 0 }, 0)).toBe(seconds * 1000);
    expect(remainingMs({ failures, lastFailureMs: 0 }, seconds * 1000 + 1)).toBe(0);
  });
});

describe('a failure policy', () => {
  const rule = (action: string, parts: Partial<batchv1.PodFailurePolicyRule>): batchv1.PodFailurePolicyRule => ({
    action,
    ...parts,
  });
  const onCodes = (
    operator: string,
    values: number[],
    containerName?: string,
  ): Partial<batchv1.PodFailurePolicyRule> => ({
    onExitCodes: { operator, values, ...(containerName === undefined ? {} : { containerName }) },
  });
  const failed = pod({ phase: 'Failed', containerStatuses: [ended(1, 3)] });
  const onInit = pod({ phase: 'Failed', initContainerStatuses: [{ ...ended(1, 9), name: 'init' }] });

  it.each([
    ['nothing without rules', [], failed, { counts: true }],
    ['In', [rule('Count', onCodes('In', [1, 3]))], failed, { action: 'Count', counts: true }],
    ['In, not listed', [rule('Ignore', onCodes('In', [1, 2]))], failed, { counts: true }],
    ['NotIn', [rule('Ignore', onCodes('NotIn', [1, 2]))], failed, { action: 'Ignore', counts: false }],
    ['another container', [rule('Ignore', onCodes('NotIn', [1], 'sidecar'))], failed, { counts: true }],
    [
      'success is no failure',
      [rule('Ignore', onCodes('NotIn', [1]))],
      pod({ containerStatuses: [ended(1, 0)] }),
      { counts: true },
    ],
    ['an unknown operator', [rule('Ignore', onCodes('Near', [3]))], failed, { counts: true }],
    ['FailIndex', [rule('FailIndex', onCodes('In', [9]))], onInit, { action: 'FailIndex', counts: true }],
    [
      'an unknown action',
      [rule('Dance', onCodes('In', [3])), rule('Ignore', onCodes('In', [3]))],
      failed,
      { action: 'Ignore', counts: false },
    ],
    [
      'FailJob for a condition',
      [rule('FailJob', { onPodConditions: [{ type: 'Bad', status: 'True' }] })],
      pod({ conditions: [{ type: 'Bad', status: 'True' }] }),
      { action: 'FailJob', counts: true, failJobMessage: 'Pod n/p has condition Bad matching FailJob rule at index 0' },
    ],
    [
      'a condition of another status',
      [rule('FailJob', { onPodConditions: [{ type: 'Bad', status: 'True' }] })],
      pod({ conditions: [{ type: 'Bad', status: 'False' }] }),
      { counts: true },
    ],
  ] as const)('matches: %s', (_, rules, ofPod, expected) => {
    expect(matchPodFailurePolicy({ rules: [...rules] }, ofPod)).toEqual(expected);
  });
});

describe('a success policy', () => {
  it.each([
    ['no policy', undefined, '0-9', undefined],
    ['nothing succeeded', [{ succeededCount: 0 }], '', undefined],
    ['all of the listed', [{ succeededIndexes: '1,3' }], '0-4', 'Matched rules at index 0'],
    ['not all of the listed', [{ succeededIndexes: '1,7' }], '0-4', undefined],
    ['enough of the listed', [{ succeededIndexes: '1,7', succeededCount: 1 }], '0-4', 'Matched rules at index 0'],
    ['enough of any', [{ succeededCount: 9 }, { succeededCount: 5 }], '0-4', 'Matched rules at index 1'],
    ['not enough', [{ succeededCount: 6 }], '0-4', undefined],
    ['a list that says nothing', [{ succeededIndexes: '', succeededCount: 1 }], '0-4', undefined],
  ])('is met or not: %s', (_, rules, succeeded, expected) => {
    const policy = rules === undefined ? undefined : { rules };
    expect(metSuccessRule(policy, 10, parseIndexes(succeeded, 10))).toBe(expected);
  });
});

describe('what we wrote', () => {
  it.each([
    ['9', '10', false],
    ['10', '10', true],
    ['11', '10', true],
    ['100', '99', true],
    ['opaque', '10', true],
  ])('is shown by a cache at %s when it was written at %s: %s', (cached, written, isSeen) => {
    const writes = new OwnWrites();
    const at = (resourceVersion: string): Pod => ({ metadata: { uid: 'u', resourceVersion } });
    expect(writes.isSeen(at(cached))).toBe(true);
    writes.wrote(at(written));
    expect(writes.isSeen(at(cached))).toBe(isSeen);
    writes.forget('u');
    expect(writes.isSeen(at(cached))).toBe(true);
  });
});
