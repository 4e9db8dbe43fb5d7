import { type KubeObject, StatusError } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { DeleteOptions } from '@reckon/registry/generic';
import { describe, expect, it } from 'vitest';
import { changed, runCreate, runUpdate, testContext, testNowMs } from '../../../testing/run-strategy';
import { applyBinding } from './binding';
import { isReady, markEvicted, mayEvictWithoutBudget } from './eviction';
import { gracePeriodOf, podStrategy } from './pod.strategy';
import { qosClassOf } from './qos-class';

const given = {
  metadata: { name: 'p', namespace: 'team', uid: 'u1', labels: { app: 'a' } },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:3' }] },
};

const asPod = (object: KubeObject | object): corev1.Pod => object as corev1.Pod;
const whole = (changes: Record<string, unknown> = {}): corev1.Pod =>
  asPod(runCreate('/pods', changed(given, changes)).object);

describe('creating a pod', () => {
  it('starts it as pending, whatever status it claims', () => {
    const pod = whole({ status: { phase: 'Running', podIP: '10.0.0.1' } });
    expect(pod.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(pod.metadata.generation).toBe(1);
  });

  it('says of a gated pod that it is not scheduled', () => {
    expect(whole({ 'spec.schedulingGates': [{ name: 'example.com/wait' }] }).status?.conditions).toEqual([
      {
        type: 'PodScheduled',
        status: 'False',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ]);
  });

  it('takes the values of matchLabelKeys into the selectors, once', () => {
    const term = {
      topologyKey: 'zone',
      labelSelector: { matchLabels: { x: 'y' } },
      matchLabelKeys: ['app', 'missing'],
    };
    const pod = whole({
      'spec.affinity': { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    });
    podStrategy.prepareForCreate?.(testContext(), pod);
    const [merged] = pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    expect(merged?.labelSelector?.matchExpressions).toEqual([{ key: 'app', operator: 'In', values: ['a'] }]);
  });

  it('turns the annotation of AppArmor into the field, with a warning', () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/app';
    const run = runCreate('/pods', changed(given, { 'metadata.annotations': { [key]: 'localhost/strict' } }));
    expect(asPod(run.object).spec?.containers[0]?.securityContext?.appArmorProfile).toEqual({
      type: 'Localhost',
      localhostProfile: 'strict',
    });
    expect(run.warnings).toEqual([
      `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { 'metadata.name': 'a.b' },
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
    ],
    [
      { 'spec.nodeSelector': { 'beta.kubernetes.io/os': 'linux' } },
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ],
    [
      { 'spec.volumes': [{ name: 'a', gitRepo: { repository: 'r' } }] },
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
    ],
    [
      { 'spec.containers.0.env': [{ name: 'A' }, { name: 'A', value: 'x' }] },
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    ],
    [
      { 'spec.containers.0.ports': [{ containerPort: 1 }, { containerPort: 1 }] },
      'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
    ],
    [
      { 'spec.containers.0.resources': { requests: { memory: '100m' } } },
      'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
    ],
    [
      { 'spec.terminationGracePeriodSeconds': -1 },
      'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
    ],
    ...(
      [
        ['scheduler.alpha.kubernetes.io/critical-pod', 'v1.16+; use the "priorityClassName"'],
        ['security.alpha.kubernetes.io/sysctls', 'v1.11+; use the "sysctls"'],
        ['security.alpha.kubernetes.io/unsafe-sysctls', 'v1.11+; use the "sysctls"'],
        ['seccomp.security.alpha.kubernetes.io/pod', 'v1.27+; use the "seccompProfile"'],
        ['container.seccomp.security.alpha.kubernetes.io/app', 'v1.27+; use the "seccompProfile"'],
      ] as const
    ).map(([key, since]): [Record<string, unknown>, string] => [
      { 'metadata.annotations': { [key]: 'unconfined' } },
      `metadata.annotations[${key}]: non-functional in ${since} field instead`,
    ]),
    ...(
      [
        ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
        ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
        ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
      ] as const
    ).map(([key, instead]): [Record<string, unknown>, string] => [
      { 'spec.nodeSelector': { [key]: 'x' } },
      `spec.nodeSelector[${key}]: deprecated since v1.17; use "${instead}" instead`,
    ]),
    [{ 'spec.imagePullSecrets': [{ name: '' }] }, 'spec.imagePullSecrets[0].name: invalid empty name ""'],
    [
      { 'spec.containers.0.ports': [{ containerPort: 1, hostIP: '10.0.0.1' }] },
      'spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:1 Protocol:TCP HostIP:10.0.0.1}',
    ],
    [{ 'spec.imagePullSecrets': [{ name: 's' }, { name: 's' }] }, 'spec.imagePullSecrets[1].name: duplicate name "s"'],
    [{ 'spec.hostAliases': [{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }] }, 'spec.hostAliases[1].ip: duplicate ip "1.1.1.1"'],
    [
      {
        'spec.topologySpreadConstraints': [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule' }],
      },
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    ],
    [
      {
        'spec.containers': [
          { name: 'a', image: 'i', ports: [{ name: 'web', containerPort: 1 }] },
          { name: 'b', image: 'i', ports: [{ name: 'web', containerPort: 2 }] },
        ],
      },
      'spec.containers[1].ports[0]: duplicate port name "web" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
    ],
    [
      {
        'spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution': [
          { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-1'] }] } },
        ],
      },
      `spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]: -1 is invalid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
    [
      {
        'spec.volumes': [
          { name: 'v', ephemeral: { volumeClaimTemplate: { spec: { resources: { requests: { storage: '200m' } } } } } },
        ],
      },
      'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: fractional byte value "200m" is invalid, must be an integer',
    ],
    [
      { 'spec.dnsConfig': { nameservers: ['1.2.3.4', '05.06.07.08'] } },
      'spec.dnsConfig.nameservers[1]: non-standard IP address "05.06.07.08" will be considered invalid in a future Kubernetes release: use "5.6.7.8"',
    ],
    [
      { 'spec.hostAliases': [{ ip: '::ffff:1.2.3.4' }] },
      'spec.hostAliases[0].ip: non-standard IP address "::ffff:1.2.3.4" will be considered invalid in a future Kubernetes release: use "1.2.3.4"',
    ],
  ])('with %j warns', (changes, warning) => {
    expect(runCreate('/pods', changed(given, changes)).warnings).toEqual([warning]);
  });
});

describe('the QoS class', () => {
  const both = { cpu: '1', memory: '1Gi' };
  it.each([
    [[{}], 'BestEffort'],
    [[{ requests: { cpu: '0' } }], 'BestEffort'],
    [[{ limits: both, requests: both }], 'Guaranteed'],
    [[{ limits: both, requests: both }, {}], 'Burstable'],
    [[{ limits: both, requests: { ...both, cpu: '500m' } }], 'Burstable'],
    [[{ limits: { cpu: '1000m', memory: '1Gi' }, requests: both }], 'Guaranteed'],
    [[{ requests: { 'ephemeral-storage': '1Gi' } }], 'BestEffort'],
  ])('of %j is %s', (all, expected) => {
    expect(qosClassOf({ containers: all.map((resources, n) => ({ name: `c${String(n)}`, resources })) })).toBe(
      expected,
    );
  });

  it('is that of what the pod asks for as a whole', () => {
    expect(qosClassOf({ containers: [{ name: 'c' }], resources: { limits: both, requests: both } })).toBe('Guaranteed');
  });
});

describe('deleting a pod', () => {
  const bound = whole({ 'spec.nodeName': 'n', 'spec.terminationGracePeriodSeconds': 5 });
  it.each<[string, corev1.Pod, DeleteOptions['gracePeriodSeconds'], number]>([
    ['that is not bound', whole(), undefined, 0],
    ['that ended', changed(bound, { 'status.phase': 'Succeeded' }), 9, 0],
    ['as it says itself', bound, undefined, 5],
    ['as the request says', bound, 9, 9],
    ['at once', bound, 0, 0],
    ['with a negative wait', bound, -1, 1],
  ])('%s waits so long', (_what, pod, seconds, expected) => {
    expect(gracePeriodOf(pod, seconds === undefined ? {} : { gracePeriodSeconds: seconds })).toBe(expected);
  });
});

describe('binding a pod', () => {
  const binding = (changes: Record<string, unknown> = {}): corev1.Binding =>
    changed(
      {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'p' },
        target: { kind: 'Node', name: 'n1' },
      },
      changes,
    );
  const refusal = (pod: corev1.Pod, to: corev1.Binding): string => {
    try {
      applyBinding({ nowMs: testNowMs }, pod, to);
    } catch (error) {
      if (error instanceof StatusError) return `${String(error.status.code)} ${error.status.message ?? ''}`;
      throw error;
    }
    return '';
  };

  it('names the node and takes over labels and annotations; it counts as no change, as recorded', () => {
    const pod = whole();
    expect(refusal(pod, binding({ 'metadata.labels': { zone: 'a' }, 'metadata.annotations': { why: 'b' } }))).toBe('');
    expect(pod.spec?.nodeName).toBe('n1');
    expect(pod.metadata).toMatchObject({ generation: 1, labels: { app: 'a', zone: 'a' }, annotations: { why: 'b' } });
    expect(pod.status?.conditions).toEqual([
      { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      '409 Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
      { 'spec.nodeName': 'n' },
      {},
    ],
    [
      '409 Operation cannot be fulfilled on pods/binding "p": pod p is being deleted, cannot be assigned to a host',
      { 'metadata.deletionTimestamp': '2026-01-01T00:00:00Z' },
      {},
    ],
    [
      '409 Operation cannot be fulfilled on pods/binding "p": pod p has non-empty .spec.schedulingGates',
      { 'spec.schedulingGates': [{ name: 'g' }] },
      {},
    ],
    [
      '409 Operation cannot be fulfilled on pods/binding "p": Precondition failed: UID in precondition: u2, UID in object meta: u1',
      {},
      { 'metadata.uid': 'u2' },
    ],
    ['422 Binding "p" is invalid: target.name: Required value', {}, { 'target.name': '' }],
    [
      '422 Binding "p" is invalid: target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"',
      {},
      { 'target.kind': 'Pod' },
    ],
  ])('is refused with %s', (message, podChanges, bindingChanges) => {
    expect(refusal(changed(whole(), podChanges), binding(bindingChanges))).toBe(message);
  });

  it('keeps a key that every object has out of the prototype', () => {
    const pod = whole();
    applyBinding({ nowMs: testNowMs }, pod, binding({ 'metadata.labels': JSON.parse('{"__proto__":"x"}') as unknown }));
    expect(Object.keys(pod.metadata.labels ?? {})).toEqual(['app', '__proto__']);
  });
});

describe('evicting a pod', () => {
  it('asks no budget for what does not run', () => {
    expect(mayEvictWithoutBudget(whole())).toBe(true);
    const running = changed(whole(), { 'status.phase': 'Running' });
    expect(mayEvictWithoutBudget(running)).toBe(false);
    expect(mayEvictWithoutBudget(changed(running, { 'metadata.deletionTimestamp': '2026-01-01T00:00:00Z' }))).toBe(
      true,
    );
    expect(isReady(changed(running, { 'status.conditions': [{ type: 'Ready', status: 'True' }] }))).toBe(true);
    expect(isReady(running)).toBe(false);
  });

  it('leaves a note, whose time of origin stays', () => {
    const pod = whole();
    markEvicted({ nowMs: testNowMs }, pod);
    markEvicted({ nowMs: testNowMs + 60_000 }, pod);
    expect(pod.status?.conditions).toEqual([
      {
        type: 'DisruptionTarget',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: '2026-01-01T00:00:00Z',
        reason: 'EvictionByEvictionAPI',
        message: 'Eviction API: evicting',
      },
    ]);
  });
});

describe('a status update of a pod', () => {
  const running = changed(whole({ 'spec.restartPolicy': 'Never' }), {
    'metadata.generation': 3,
    'metadata.ownerReferences': [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'x' }],
    'status.phase': 'Running',
    'status.conditions': [{ type: 'Ready', status: 'True', observedGeneration: 2 }],
    'status.containerStatuses': [{ name: 'app', state: { terminated: { exitCode: 0 } } }],
  });

  it('changes the status alone', () => {
    const { object, refusals } = runUpdate(
      '/pods',
      running,
      changed(running, {
        'spec.nodeName': 'elsewhere',
        'metadata.ownerReferences': [],
        'metadata.generation': 9,
        'status.qosClass': undefined,
        'status.podIP': '10.1.1.1',
        'status.conditions': [{ type: 'Ready', status: 'False' }],
      }),
      'status',
    );
    expect(refusals).toEqual([]);
    expect(asPod(object).spec).toEqual(running.spec);
    expect(object.metadata).toMatchObject({ generation: 3, ownerReferences: running.metadata.ownerReferences });
    expect(asPod(object).status).toMatchObject({
      qosClass: 'BestEffort',
      podIP: '10.1.1.1',
      podIPs: [{ ip: '10.1.1.1' }],
      conditions: [{ type: 'Ready', status: 'False', observedGeneration: 2 }],
    });
  });

  it('has nothing of gates that are off, unless the pod had it before', () => {
    const gated = {
      'status.nodeAllocatableResourceClaimStatuses': [{ resourceClaimName: 'c' }],
      'status.initContainerStatuses': [
        { name: 'i', volumeMounts: [{ name: 'v', mountPath: '/v', volumeStatus: { image: { imageRef: 'x' } } }] },
      ],
    };
    const stored = (old: corev1.Pod): corev1.PodStatus | undefined =>
      asPod(runUpdate('/pods', old, changed(running, gated), 'status').object).status;
    expect(stored(running)).not.toHaveProperty('nodeAllocatableResourceClaimStatuses');
    expect(stored(running)?.initContainerStatuses).toEqual([
      { name: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    ]);
    expect(stored(changed(running, gated))).toMatchObject(changed(running, gated).status ?? {});
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { 'status.containerStatuses': [{ name: 'app', state: { running: {} } }] },
      'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    ],
    [{ 'status.qosClass': 'Guaranteed' }, 'status.qosClass: Invalid value: "Guaranteed": field is immutable'],
    [
      { 'status.podIPs': [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
    [
      { 'status.conditions': [{ type: 'not ok', status: 'True' }] },
      'metadata.conditions[0].Type: Invalid value: "not ok"',
    ],
    [
      { 'status.conditions': [{ type: 'Ready', status: 'True', observedGeneration: -1 }] },
      'metadata.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer',
    ],
    [
      { 'status.observedGeneration': -1 },
      'status.observedGeneration: Invalid value: -1: must be a non-negative integer',
    ],
    [
      { 'status.podIP': '010.0.0.1', 'status.podIPs': [{ ip: '010.0.0.1' }] },
      'status.podIPs[0]: Invalid value: "010.0.0.1": must not have leading 0s',
    ],
    [{ 'status.nominatedNodeName': 'A_' }, 'status.nominatedNodeName: Invalid value: "A_"'],
    [
      { 'status.hostIP': '1.1.1.1', 'status.hostIPs': [{ ip: '1.1.1.2' }] },
      'status.hostIPs[0].ip: Invalid value: "1.1.1.2": must be equal to `hostIP`',
    ],
    [
      { 'status.resourceClaimStatuses': [{ name: 'c' }] },
      'status.resourceClaimStatuses[0].name: Invalid value: "c": must match the name of an entry in `spec.resourceClaims`',
    ],
  ])('with %j is refused', (changes, message) => {
    const { refusals } = runUpdate('/pods', running, changed(running, changes), 'status');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(message);
  });

  const report = (from: corev1.Pod, changes: Record<string, unknown>): readonly string[] =>
    runUpdate('/pods', from, changed(from, changes), 'status').refusals;

  it('tells of an address that is none, and of those that are more than one of a family', () => {
    expect(report(running, { 'status.podIP': '10.0.0.1', 'status.podIPs': [{ ip: '10.0.0.1' }, { ip: 'x' }] })).toEqual(
      [
        'status.podIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        'status.podIPs: Internal error: failed to check for dual stack with error:invalid IP[1]: <nil>',
        'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"x"}]: may specify no more than one IP for each IP family',
      ],
    );
    expect(
      report(running, { 'status.podIP': '10.0.0.1', 'status.podIPs': [{ ip: '10.0.0.1' }, { ip: '::1' }] }),
    ).toEqual([]);
  });

  it('nominates no node for a pod that has one, but leaves what it says', () => {
    const bound = changed(running, { 'spec.nodeName': 'n1' });
    expect(report(bound, { 'status.nominatedNodeName': 'n2' })).toEqual([
      'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
    ]);
    const nominated = changed(bound, { 'status.nominatedNodeName': 'n2' });
    expect(report(nominated, { 'status.phase': 'Failed' })).toEqual([]);
    expect(report(running, { 'status.nominatedNodeName': 'n2' })).toEqual([]);
  });

  it('lets a container start again that its rules or its policy start again', () => {
    const again = { 'status.containerStatuses': [{ name: 'app', state: { running: {} } }] };
    const refused = ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'];
    const ended = (exitCode: number, changes: Record<string, unknown>): corev1.Pod =>
      changed(running, { 'status.containerStatuses.0.state': { terminated: { exitCode } }, ...changes });
    const rules = (values: number[]): Record<string, unknown> => ({
      'spec.containers.0.restartPolicy': 'Never',
      'spec.containers.0.restartPolicyRules': [{ action: 'Restart', exitCodes: { operator: 'In', values } }],
    });
    expect(report(ended(42, rules([42])), again)).toEqual([]);
    expect(report(ended(1, rules([42])), again)).toEqual(refused);
    expect(report(ended(1, { 'spec.containers.0.restartPolicy': 'OnFailure' }), again)).toEqual([]);
    expect(report(ended(0, { 'spec.containers.0.restartPolicy': 'OnFailure' }), again)).toEqual(refused);
  });

  it('names the claim that stands for extended resources', () => {
    const asking = changed(running, { 'spec.containers.0.resources': { requests: { 'example.com/gpu': '1' } } });
    const mapping = { containerName: 'app', resourceName: 'example.com/gpu', requestName: 'container-0-request-0' };
    const claim = (resourceClaimName: string, ...requestMappings: object[]): readonly string[] =>
      report(asking, { 'status.extendedResourceClaimStatus': { resourceClaimName, requestMappings } });
    const path = 'status.extendedResourceClaimStatus';
    expect(claim('c', mapping)).toEqual([]);
    expect(claim('')).toEqual([
      `${path}.requestMappings: Required value: at least one request mapping is required`,
      `${path}.resourceClaimName: Required value`,
    ]);
    expect(claim('c', { ...mapping, containerName: 'x' }, { ...mapping, resourceName: 'y' })).toEqual([
      `${path}.requestMappings[0].containerName: Invalid value: "x": must match the name of an entry in spec.initContainers.name or spec.containers.name`,
      `${path}.requestMappings[1].resourceName: Invalid value: "y": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests`,
    ]);
    expect(claim('c', mapping, mapping)).toHaveLength(3);
  });

  describe('that tells of devices', () => {
    const asking = changed(running, {
      'spec.resourceClaims': [{ name: 'gpu', resourceClaimName: 'g' }],
      'spec.containers.0.resources': {
        requests: { 'example.com/fpga': '1' },
        limits: { 'example.com/fpga': '1' },
        claims: [{ name: 'gpu', request: 'big' }],
      },
    });
    const list = 'status.containerStatuses[0].allocatedResourcesStatus';
    const tell = (...allocatedResourcesStatus: object[]): readonly string[] =>
      report(asking, { 'status.containerStatuses.0.allocatedResourcesStatus': allocatedResourcesStatus });

    it.each<[object, string]>([
      [
        { name: 'example.com/gpu' },
        `${list}[0].name: Invalid value: "example.com/gpu": must match one of the container's resource requests`,
      ],
      [
        { name: 'claim:gpu' },
        `${list}[0].name: Invalid value: "claim:gpu": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty`,
      ],
      [
        { name: 'example.com/fpga', resources: [{ resourceID: 'a', health: 'Ill' }] },
        `${list}[0].resources[0].health: Unsupported value: "Ill": supported values: "Healthy", "Unhealthy", "Unknown"`,
      ],
      [
        {
          name: 'example.com/fpga',
          resources: [
            { resourceID: 'a', health: 'Healthy' },
            { resourceID: 'a', health: 'Unknown' },
          ],
        },
        `${list}[0].resources[1].resourceID: Duplicate value: "a"`,
      ],
    ])('is refused as %j', (status, message) => {
      expect(tell(status)).toEqual([message]);
    });

    it('is accepted of what the container asks for', () => {
      const resources = [
        { resourceID: 'a', health: 'Healthy' },
        { resourceID: 'b', health: 'Unhealthy' },
      ];
      expect(tell({ name: 'example.com/fpga', resources }, { name: 'claim:gpu/big', resources })).toEqual([]);
    });

    it('is refused of ephemeral containers', () => {
      expect(
        report(asking, {
          'status.ephemeralContainerStatuses': [
            { name: 'd', allocatedResourcesStatus: [{ name: 'example.com/fpga' }] },
          ],
        }),
      ).toEqual([
        'status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: must not be specified in container status',
      ]);
    });
  });

  it('leaves an address in the form that it has, and says how it is better written', () => {
    const odd = changed(running, { 'status.podIP': '010.0.0.1', 'status.podIPs': [{ ip: '010.0.0.1' }] });
    const { refusals, warnings } = runUpdate('/pods', odd, changed(odd, { 'status.phase': 'Failed' }), 'status');
    expect(refusals).toEqual([]);
    expect(warnings).toEqual([
      'status.podIPs[0].ip: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
    ]);
  });
});
