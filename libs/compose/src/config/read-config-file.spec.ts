import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSchedulerConfiguration } from '@reckon/control/scheduling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFlags } from '../flags/parse-flags';
import { schedulerFlags } from '../flags/scheduler-flags';
import { controllerManagerConfig } from './controller-manager-config';
import { kubeletConfig } from './kubelet-config';
import { type ConfigKind, overlaid, readConfigFile } from './read-config-file';
import { schedulerConfig } from './scheduler-config';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reckon-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read<T>(kind: ConfigKind<T>, content: string): Promise<{ values: T; warnings: string[] }> {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, content);
  const warnings: string[] = [];
  const values = await readConfigFile(file, kind, (line) => warnings.push(line.replace(`${file}: `, '')));
  return { values, warnings };
}

const schedulerHead = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

describe('a configuration file', () => {
  it('of the scheduler is read as values of its flags', async () => {
    const content = `${schedulerHead}leaderElection: {leaderElect: false, leaseDuration: 20s, resourceName: mine}
clientConnection: {kubeconfig: /etc/scheduler.conf, qps: 50}
parallelism: 16
profiles: [{schedulerName: default-scheduler}]
`;
    expect(await read(schedulerConfig, content)).toEqual({
      values: {
        flags: {
          'leader-elect': false,
          'leader-elect-lease-duration': 20_000,
          'leader-elect-resource-name': 'mine',
          kubeconfig: '/etc/scheduler.conf',
          'kube-api-qps': 50,
        },
        configuration: {
          ...defaultSchedulerConfiguration,
          profiles: [{ schedulerName: 'default-scheduler', plugins: {}, args: {} }],
        },
      },
      warnings: ['reckon: parallelism: it has no effect here'],
    });
  });

  it('of the kubelet too', async () => {
    const content = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: 10251
authentication: {anonymous: {enabled: false}, webhook: {enabled: true, cacheTTL: 0s}, x509: {clientCAFile: /ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: systemd
registerWithTaints: [{key: a, value: b, effect: NoSchedule}, {key: c, effect: NoExecute}]
`;
    const { values, warnings } = await read(kubeletConfig, content);
    expect(values).toEqual({
      port: 10_251,
      'anonymous-auth': false,
      'authentication-token-webhook': true,
      'authentication-token-webhook-cache-ttl': 0,
      'client-ca-file': '/ca.crt',
      'authorization-mode': 'Webhook',
      'register-with-taints': ['a=b:NoSchedule', 'c=:NoExecute'],
    });
    expect(warnings).toEqual(['reckon: cgroupDriver: it has no effect here']);
  });

  it('of the controller manager too', async () => {
    const content = `{"apiVersion": "kubecontrollermanager.config.k8s.io/v1alpha1", "kind": "KubeControllerManagerConfiguration",
      "Generic": {"Controllers": ["*", "-ttl-controller"], "LeaderElection": {"retryPeriod": "1s"}},
      "SAController": {"RootCAFile": "/ca.crt"}, "JobController": {"ConcurrentJobSyncs": 5}}`;
    expect((await read(controllerManagerConfig, content)).values).toEqual({
      controllers: ['*', '-ttl-controller'],
      'leader-elect-retry-period': 1_000,
      'root-ca-file': '/ca.crt',
    });
  });

  it('of the scheduler says how pods are placed', async () => {
    const content = `${schedulerHead}percentageOfNodesToScore: 40
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 20
profiles:
- schedulerName: default-scheduler
- schedulerName: packing
  percentageOfNodesToScore: 70
  plugins:
    multiPoint: {enabled: [{name: VolumeZone}], disabled: [{name: ImageLocality}, {name: Gone}]}
    score: {disabled: [{name: '*'}], enabled: [{name: NodeResourcesFit, weight: 5}, {name: TaintToleration, weight: 0}]}
  pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      ignoredResourceGroups: [example.com]
      scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 3}, {name: example.org/gpu}]}
  - name: PodTopologySpread
    args:
      defaultingType: List
      defaultConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule}]
  - {name: NodeAffinity, args: {addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}}
  - {name: VolumeBinding, args: {bindTimeoutSeconds: 60}}
`;
    const { values, warnings } = await read(schedulerConfig, content);
    expect(values.configuration).toEqual({
      percentageOfNodesToScore: 40,
      firstBackoffMs: 2_000,
      longestBackoffMs: 20_000,
      profiles: [
        { schedulerName: 'default-scheduler', plugins: {}, args: {} },
        {
          schedulerName: 'packing',
          percentageOfNodesToScore: 70,
          plugins: {
            multiPoint: { enabled: [{ name: 'VolumeZone' }], disabled: ['ImageLocality', 'Gone'] },
            score: {
              enabled: [{ name: 'NodeResourcesFit', weight: 5 }, { name: 'TaintToleration' }],
              disabled: ['*'],
            },
          },
          args: {
            NodeResourcesFit: {
              ignoredResources: [],
              ignoredResourceGroups: ['example.com'],
              scoring: {
                type: 'MostAllocated',
                resources: [
                  { name: 'cpu', weight: 3 },
                  { name: 'example.org/gpu', weight: 1 },
                ],
              },
            },
            PodTopologySpread: {
              defaultingType: 'List',
              defaultConstraints: [
                { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'DoNotSchedule' },
              ],
            },
            NodeAffinity: {
              addedAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
                },
              },
            },
            VolumeBinding: { bindTimeoutSeconds: 60 },
          },
        },
      ],
    });
    expect(warnings).toEqual([
      'reckon: profile packing: VolumeZone is enabled, but does nothing here',
      'reckon: profile packing: Gone, which multiPoint disables, does not exist',
    ]);
  });

  it('gives way to flags that were given', async () => {
    const { values } = await read(
      schedulerConfig,
      `${schedulerHead}leaderElection: {leaderElect: false, retryPeriod: 1s}`,
    );
    const flags = overlaid(parseFlags(schedulerFlags, ['--leader-elect-retry-period=3s']), values.flags);
    expect(flags).toMatchObject({
      'leader-elect': false,
      'leader-elect-retry-period': 3_000,
      'leader-elect-lease-duration': 15_000,
    });
  });

  it.each([
    [`${schedulerHead}leaderElections: {}`, 'Unrecognized key: "leaderElections"'],
    [`${schedulerHead}leaderElection: {leaderElects: true}`, 'leaderElection: Unrecognized key: "leaderElects"'],
    [`${schedulerHead}leaderElection: {leaseDuration: long}`, 'leaderElection.leaseDuration: must be a duration'],
    [`${schedulerHead}profiles: [{scheduler: other}]`, 'profiles.0: Unrecognized key: "scheduler"'],
    [`${schedulerHead}profiles: [{schedulerName: ''}]`, 'profiles.0.schedulerName: Too small'],
    [
      `${schedulerHead}profiles: [{}, {schedulerName: default-scheduler}]`,
      'profiles.1.schedulerName: there are two profiles for "default-scheduler"',
    ],
    [`${schedulerHead}extenders: [{urlPrefix: http://x}]`, 'extenders: extenders are not called yet'],
    [`${schedulerHead}podMaxBackoffSeconds: 0`, 'podMaxBackoffSeconds: Too small'],
    [
      `${schedulerHead}podInitialBackoffSeconds: 11`,
      'podMaxBackoffSeconds: must be greater than or equal to podInitialBackoffSeconds',
    ],
    [`${schedulerHead}percentageOfNodesToScore: 101`, 'percentageOfNodesToScore: Too big'],
    ...[
      ['multiPoint: {enabled: [{name: Nonsense}]}', 'plugin "Nonsense" does not exist'],
      ['score: {enabled: [{name: NodeName}]}', 'plugin "NodeName" takes no part in score'],
      ['queueSort: {disabled: [{name: "*"}]}', 'no queue sort plugin is enabled'],
      ['bind: {disabled: [{name: DefaultBinder}]}', 'no bind plugin is enabled'],
      ['score: {enabled: [{name: ImageLocality}, {name: ImageLocality}]}', 'plugin "ImageLocality" is enabled twice'],
      ['scores: {}', 'Unrecognized key: "scores"'],
    ].map(([plugins = '', message = '']) => [
      `${schedulerHead}profiles: [{plugins: {${plugins}}}]`,
      `profiles.0.plugins: ${message}`,
    ]),
    ...[
      ['{name: Nonsense}', 'name: plugin "Nonsense" does not exist'],
      ['{name: InterPodAffinity, args: {hardPodAffinityWeight: 101}}', 'args.hardPodAffinityWeight: Too big'],
      ['{name: InterPodAffinity, args: {kind: NodeAffinityArgs}}', 'args.kind: Invalid input'],
      ['{name: InterPodAffinity, args: {weight: 1}}', 'args: Unrecognized key: "weight"'],
      [
        '{name: PodTopologySpread, args: {defaultConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]}}',
        'args.defaultingType: when .defaultConstraints are specified, it must be List',
      ],
      [
        '{name: NodeResourcesFit, args: {scoringStrategy: {type: RequestedToCapacityRatio}}}',
        'args.scoringStrategy.requestedToCapacityRatio.shape: at least one point must be specified',
      ],
      [
        '{name: DefaultPreemption, args: {minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0}}',
        'args: both minCandidateNodesPercentage and minCandidateNodesAbsolute cannot be zero',
      ],
    ].map(([config = '', message = '']) => [
      `${schedulerHead}profiles: [{pluginConfig: [${config}]}]`,
      `profiles.0.pluginConfig.0.${message}`,
    ]),
    [
      `${schedulerHead}profiles: [{pluginConfig: [{name: NodeAffinity}, {name: NodeAffinity, args: {}}]}]`,
      'profiles.0.pluginConfig.1: repeated config for plugin NodeAffinity',
    ],
    [schedulerHead.replace('/v1', '/v1beta3'), 'is kubescheduler.config.k8s.io/v1beta3 KubeSchedulerConfiguration'],
    ['kind: Pod', 'is of no version or kind Pod'],
    ['[1', 'cannot read'],
    ['just text', 'holds no object'],
  ])('that says %j is refused by name', async (content, message) => {
    await expect(read(schedulerConfig, content)).rejects.toThrow(
      expect.objectContaining({
        code: 'Option',
        message: expect.stringContaining(message) as string,
        hint: 'it must hold a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1, in YAML or JSON',
      }),
    );
  });

  it('that is not there is named', async () => {
    await expect(readConfigFile('/none.yaml', schedulerConfig, () => undefined)).rejects.toThrow(
      '--config: cannot read /none.yaml',
    );
  });
});
