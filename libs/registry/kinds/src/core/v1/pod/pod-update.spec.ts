import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate } from '../../../testing/run-strategy';

const given = {
  metadata: { name: 'p', namespace: 'team' },
  spec: {
    containers: [
      { name: 'app', image: 'registry.example/app:3', resources: { requests: { cpu: '1' } } },
      { name: 'log', image: 'registry.example/log:1' },
    ],
    initContainers: [{ name: 'init', image: 'registry.example/init:1' }],
    tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }],
  },
};

const whole = (changes: Record<string, unknown> = {}): corev1.Pod => runCreate('/pods', changed(given, changes)).object;

const old = whole();
const update = (changes: Record<string, unknown>, from = old): ReturnType<typeof runUpdate> =>
  runUpdate('/pods', from, changed(from, changes));

describe('updating a pod', () => {
  it.each<[Record<string, unknown>]>([
    [{ 'spec.containers.0.image': 'registry.example/app:4' }],
    [{ 'spec.initContainers.0.image': 'registry.example/init:2' }],
    [{ 'spec.activeDeadlineSeconds': 60 }],
    [{ 'spec.tolerations.1': { key: 'b', operator: 'Exists' } }],
    [{ 'spec.tolerations.0.tolerationSeconds': 5 }],
  ])('to %j is allowed and counted', (changes) => {
    const { object, refusals } = update(changes);
    expect(refusals).toEqual([]);
    expect(object.metadata.generation).toBe(2);
  });

  it('keeps status and generation where the spec stays', () => {
    const { object, refusals } = update({ 'status.phase': 'Failed', 'metadata.labels': { a: 'b' } });
    expect(refusals).toEqual([]);
    expect(object).toMatchObject({ metadata: { generation: 1 }, status: { phase: 'Pending' } });
  });

  it('lets only a wait that is negative become 1', () => {
    const negative = whole({ 'spec.terminationGracePeriodSeconds': -5 });
    expect(update({ 'spec.terminationGracePeriodSeconds': 1 }, negative).refusals).toEqual([]);
    expect(update({ 'spec.terminationGracePeriodSeconds': 2 }, negative).refusals).toHaveLength(1);
  });

  it('shows what may not change as a difference', () => {
    expect(update({ 'spec.nodeName': 'n1' }).refusals).toEqual([
      [
        'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        '@@ -107,7 +107,7 @@',
        '  "NodeSelector": null,',
        '  "ServiceAccountName": "",',
        '  "AutomountServiceAccountToken": null,',
        '- "NodeName": "",',
        '+ "NodeName": "n1",',
        '  "SecurityContext": {',
        '   "HostNetwork": false,',
        '   "HostPID": false,',
        '',
      ].join('\n'),
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { 'spec.containers': old.spec?.containers.slice(0, 1) },
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ],
    [
      { 'spec.containers.0.resources': { requests: { cpu: '2' } } },
      'spec: Forbidden: pod updates may not change fields other than',
    ],
    [
      { 'spec.tolerations': [] },
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ],
    [
      { 'spec.schedulingGates': [{ name: 'g' }] },
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'",
    ],
    [
      { 'spec.activeDeadlineSeconds': 0 },
      'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
    ],
    [
      { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' } },
      'metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod annotation',
    ],
  ])('to %j is refused', (changes, message) => {
    const { refusals } = update(changes);
    expect(refusals.join('\n')).toContain(message);
  });

  it('lets a deadline come nearer only', () => {
    const limited = whole({ 'spec.activeDeadlineSeconds': 60 });
    expect(update({ 'spec.activeDeadlineSeconds': 30 }, limited).refusals).toEqual([]);
    expect(update({ 'spec.activeDeadlineSeconds': 90 }, limited).refusals).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 90: must be less than or equal to previous value',
    ]);
    expect(update({ 'spec.activeDeadlineSeconds': undefined }, limited).refusals).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ]);
  });
});

describe('a gated pod', () => {
  const terms = (values: string[]): object => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: values.map((key) => ({ key, operator: 'Exists' })) }],
      },
    },
  });
  const gated = whole({
    'spec.schedulingGates': [{ name: 'g' }, { name: 'h' }],
    'spec.nodeSelector': { a: '1' },
    'spec.affinity': terms(['zone']),
  });

  it.each<[Record<string, unknown>]>([
    [{ 'spec.schedulingGates': [{ name: 'h' }] }],
    [{ 'spec.nodeSelector.b': '2' }],
    [{ 'spec.affinity': terms(['zone', 'disk']) }],
  ])('may be narrowed by %j', (changes) => {
    expect(update(changes, gated).refusals).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { 'spec.nodeSelector': { a: '2' } },
      'spec.nodeSelector: Invalid value: {"a":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ],
    [
      { 'spec.affinity': terms(['disk']) },
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]: Invalid value: {"MatchExpressions":[{"Key":"disk","Operator":"Exists","Values":null}],"MatchFields":null}: only additions are allowed (no mutations or deletions)',
    ],
    [
      { 'spec.affinity': undefined },
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Invalid value: []: no additions/deletions to non-empty NodeSelectorTerms list are allowed',
    ],
    [{ 'spec.hostNetwork': true }, 'spec: Forbidden: pod updates may not change fields'],
  ])('may not become %j', (changes, message) => {
    const { refusals } = update(changes, gated);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(message);
  });
});

describe('ephemeral containers', () => {
  const debugged = changed(old, {
    'spec.ephemeralContainers': [
      {
        name: 'debug',
        image: 'registry.example/sh:1',
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
      },
    ],
  });
  const change = (changes: Record<string, unknown>, from = debugged): ReturnType<typeof runUpdate> =>
    runUpdate('/pods', from, changed(from, changes), 'ephemeralcontainers');

  it('can be added, and nothing else changes with them', () => {
    const { object, refusals } = change(
      { 'spec.ephemeralContainers': [{ name: 'd', image: 'i' }], 'spec.nodeName': 'n', 'metadata.labels': { a: 'b' } },
      old,
    );
    expect(refusals).toEqual([]);
    expect(object).toMatchObject({ metadata: { generation: 2 }, spec: { ephemeralContainers: [{ name: 'd' }] } });
    expect((object as corev1.Pod).spec?.nodeName).toBeUndefined();
    expect(object.metadata.labels).toBeUndefined();
  });

  it('can neither change nor go', () => {
    expect(change({ 'spec.ephemeralContainers': undefined }).refusals).toEqual([
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
    ]);
    expect(change({ 'spec.ephemeralContainers.0.image': 'other' }).refusals[0]).toContain(
      'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed\n@@ ',
    );
  });

  it('are not for what runs without a server', () => {
    const mirrored = { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' }, 'spec.nodeName': 'n1' };
    expect(change({ 'spec.ephemeralContainers': [{ name: 'd', image: 'i' }] }, whole(mirrored)).refusals).toEqual([
      '[]: Forbidden: static pods do not support ephemeral containers',
    ]);
  });

  it.each<[object, string]>([
    [{ name: 'app', image: 'i' }, 'spec.ephemeralContainers[0].name: Duplicate value: "app"'],
    [
      { name: 'd', image: 'i', ports: [{ containerPort: 1 }] },
      'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
    ],
    [
      { name: 'd', image: 'i', targetContainerName: 'x' },
      'spec.ephemeralContainers[0].targetContainerName: Not found: "x"',
    ],
  ])('as %j are refused', (container, message) => {
    const { refusals } = change({ 'spec.ephemeralContainers': [container] }, old);
    expect(refusals).toEqual([message]);
  });
});

describe('resizing a pod', () => {
  const change = (changes: Record<string, unknown>, from = old): ReturnType<typeof runUpdate> =>
    runUpdate('/pods', from, changed(from, changes), 'resize');

  it('changes CPU and memory of containers, and nothing else', () => {
    const { object, refusals } = change({
      'spec.containers.0.resources': { requests: { cpu: '2' } },
      'spec.containers.0.image': 'other',
      'metadata.labels': { a: 'b' },
    });
    expect(refusals).toEqual([]);
    expect((object as corev1.Pod).spec?.containers[0]).toMatchObject({
      image: 'registry.example/app:3',
      resources: { requests: { cpu: '2' } },
    });
    expect(object.metadata).toMatchObject({ generation: 2 });
    expect(object.metadata.labels).toBeUndefined();
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { 'spec.containers.0.resources': { requests: {} } },
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ],
    [
      { 'spec.containers.0.resources': { requests: { cpu: '1', 'ephemeral-storage': '1Gi' } } },
      'spec: Forbidden: only cpu and memory resources are mutable',
    ],
    [
      { 'spec.containers.0.resizePolicy': [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
      'spec: Forbidden: only cpu and memory resources are mutable',
    ],
    [
      { 'spec.initContainers.0.resources': { requests: { 'ephemeral-storage': '1Gi' } } },
      'spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar containers are mutable',
    ],
    [
      { 'spec.containers': [old.spec?.containers[0]] },
      'spec.containers: Forbidden: containers may not be added or removed on resize',
    ],
    [
      { 'spec.containers': old.spec?.containers.toReversed() },
      'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize\nspec.containers[1].name: Forbidden',
    ],
    [
      { 'spec.initContainers': [] },
      'spec.initContainers: Forbidden: initContainers may not be added or removed on resize',
    ],
  ])('to %j is refused', (changes, message) => {
    expect(change(changes).refusals.join('\n')).toContain(message);
  });

  it('changes what containers ask for before the others start, too', () => {
    expect(change({ 'spec.initContainers.0.resources': { requests: { cpu: '1' } } }).refusals).toEqual([]);
    const restarting = whole({
      'spec.initContainers.0.resizePolicy': [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
    });
    const more = { 'spec.initContainers.0.resources': { requests: { cpu: '1' } } };
    expect(change(more, restarting).refusals).toEqual([
      'spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized',
    ]);
    expect(change(more, changed(restarting, { 'spec.initContainers.0.restartPolicy': 'Always' })).refusals).toEqual([]);
  });

  it('changes what the pod asks for as a whole', () => {
    const asking = whole({ 'spec.resources': { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '4' } } });
    expect(change({ 'spec.resources.limits.cpu': '5' }, asking).refusals).toEqual([]);
    expect(change({ 'spec.resources': undefined }, asking).refusals).toContain(
      'spec.resources: Forbidden: pod-level resources cannot be removed',
    );
    expect(change({ 'spec.resources.limits': undefined }, asking).refusals).toContain(
      'spec.resources.limits: Forbidden: pod-level resource limits cannot be removed',
    );
    expect(change({ 'spec.resources.requests.memory': undefined }, asking).refusals).toContain(
      'spec.resources.requests: Forbidden: pod-level resource requests cannot be removed',
    );
    expect(change({ 'spec.resources.limits': { cpu: '4', 'hugepages-2Mi': '2Mi' } }, asking).refusals).toContain(
      'spec: Forbidden: only cpu and memory resources are mutable at pod-level',
    );
  });

  it('cannot take a number away', () => {
    const both = whole({ 'spec.containers.0.resources': { requests: { cpu: '1', memory: '1Gi' } } });
    expect(change({ 'spec.containers.0.resources': { requests: { cpu: '1' } } }, both).refusals).toEqual([
      'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
    ]);
  });

  it('is neither for Windows nor for static pods, nor where a node or a claim says what is there', () => {
    expect(
      change({}, changed(old, { 'status.containerStatuses': [{ name: 'app', state: { running: {} } }] })).refusals,
    ).toEqual(['spec: Forbidden: Pod running on node without support for resize']);
    expect(
      change({}, changed(old, { 'status.nodeAllocatableResourceClaimStatuses': [{ resourceClaimName: 'c' }] }))
        .refusals,
    ).toEqual(['spec: Forbidden: pods with node allocatable resource claims cannot be resized']);
    const mirrored = { 'metadata.annotations': { 'kubernetes.io/config.mirror': 'x' }, 'spec.nodeName': 'n1' };
    expect(change({}, whole(mirrored)).refusals).toEqual(['[]: Forbidden: static pods cannot be resized']);
    expect(change({}, whole({ 'spec.os': { name: 'windows' } })).refusals).toEqual([
      '[]: Forbidden: windows pods cannot be resized',
    ]);
  });
});
