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
      warnings: ['reckon: parallelism: nodes are looked at one after another, on one thread, however many'],
    });
  });

  it('of the kubelet too', async () => {
    const content = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
port: 10251
authentication: {anonymous: {enabled: false}, webhook: {enabled: true, cacheTTL: 0s}, x509: {clientCAFile: /ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: systemd
featureGates: {WatchList: true, GangScheduling: true}
logging: {format: json, verbosity: 3, flushFrequency: 5s}
registerWithTaints: [{key: a, value: b, effect: NoSchedule}, {key: c, effect: NoExecute}]
`;
    const { values, warnings } = await read(kubeletConfig, content);
    expect(values).toEqual({
      port: 10_251,
      'anonymous-auth': false,
      'authentication-token-webhook': true,
      'client-ca-file': '/ca.crt',
      'authorization-mode': 'Webhook',
      'register-with-taints': ['a=b:NoSchedule', 'c=:NoExecute'],
      'feature-gates': { WatchList: true, GangScheduling: true },
      'logging-format': 'json',
      v: 3,
    });
    expect(warnings).toEqual([
      'reckon: logging.flushFrequency: it has no effect here',
      'reckon: cgroupDriver: it has no effect here',
      'reckon: featureGates: GangScheduling is off here, and stays so',
    ]);
  });

  it('of the kubelet, where zero is what is not said', async () => {
    const content = (zeros: string): string =>
      `{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, ${zeros}}`;
    const zeros = `address: "", port: 0, healthzBindAddress: "", maxPods: 0, authentication: {webhook: {cacheTTL: 0s}},
      authorization: {mode: "", webhook: {cacheAuthorizedTTL: 0s, cacheUnauthorizedTTL: 0s}}`;
    expect(await read(kubeletConfig, content(zeros))).toEqual({ values: {}, warnings: [] });
    // Of those whose zero can be told from nothing, zero counts.
    expect((await read(kubeletConfig, content('healthzPort: 0'))).values).toEqual({ 'healthz-port': 0 });
  });

  it('of the controller manager too', async () => {
    const content = `{"apiVersion": "kubecontrollermanager.config.k8s.io/v1alpha1", "kind": "KubeControllerManagerConfiguration",
      "Generic": {"Controllers": ["*", "-ttl-controller"], "LeaderElection": {"retryPeriod": "1s"}},
      "KubeCloudShared": {"UseServiceAccountCredentials": false, "ClusterName": "c"},
      "CSRSigningController": {"ClusterSigningDuration": "1h", "LegacyUnknownSignerConfiguration": {"CertFile": "/l.crt", "KeyFile": "/l.key"}},
      "HPAController": {"HorizontalPodAutoscalerSyncPeriod": "30s", "HorizontalPodAutoscalerTolerance": 0.2},
      "EndpointSliceMirroringController": {"MirroringConcurrentServiceEndpointSyncs": 7},
      "GarbageCollectorController": {"EnableGarbageCollector": false, "ConcurrentGCSyncs": 9},
      "NodeLifecycleController": {"NodeMonitorGracePeriod": "40s", "UnhealthyZoneThreshold": 0.5},
      "PodGCController": {"TerminatedPodGCThreshold": 10},
      "SAController": {"RootCAFile": "/ca.crt"}, "JobController": {"ConcurrentJobSyncs": 5}}`;
    const { values, warnings } = await read(controllerManagerConfig, content);
    expect(values).toEqual({
      controllers: ['*', '-ttl-controller'],
      'leader-elect-retry-period': 1_000,
      'use-service-account-credentials': false,
      'cluster-signing-duration': 3_600_000,
      'cluster-signing-legacy-unknown-cert-file': '/l.crt',
      'cluster-signing-legacy-unknown-key-file': '/l.key',
      'horizontal-pod-autoscaler-sync-period': 30_000,
      'horizontal-pod-autoscaler-tolerance': 0.2,
      'mirroring-concurrent-service-endpoint-syncs': 7,
      'enable-garbage-collector': false,
      'node-monitor-grace-period': 40_000,
      'unhealthy-zone-threshold': 0.5,
      'terminated-pod-gc-threshold': 10,
      'root-ca-file': '/ca.crt',
    });
    expect(warnings).toEqual([
      'reckon: KubeCloudShared.ClusterName: it has no effect here',
      'reckon: GarbageCollectorController.ConcurrentGCSyncs: it has no effect here',
      'reckon: JobController: it has no effect here',
    ]);
  });

  it.each([
    ['"HPAController": {"SyncPeriod": "30s"}', 'HPAController: Unrecognized key: "SyncPeriod"'],
    [
      '"HPAController": {"HorizontalPodAutoscalerSyncPeriod": 30}',
      'HPAController.HorizontalPodAutoscalerSyncPeriod: Invalid',
    ],
    ['"PodGCController": {"TerminatedPodGCThreshold": -1}', 'PodGCController.TerminatedPodGCThreshold: Too small'],
    ['"DanceController": {}', 'Unrecognized key: "DanceController"'],
  ])('of the controller manager that says %s is refused by name', async (fields, message) => {
    const head =
      '"apiVersion": "kubecontrollermanager.config.k8s.io/v1alpha1", "kind": "KubeControllerManagerConfiguration"';
    await expect(read(controllerManagerConfig, `{${head}, ${fields}}`)).rejects.toThrow(message);
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
    multiPoint: {enabled: [{name: GangScheduling}], disabled: [{name: ImageLocality}, {name: Gone}]}
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
            multiPoint: { enabled: [{ name: 'GangScheduling' }], disabled: ['ImageLocality', 'Gone'] },
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
      'reckon: profile packing: GangScheduling is enabled, but does nothing here',
      'reckon: profile packing: Gone, which multiPoint disables, does not exist',
    ]);
  });

  it('of the scheduler names the extenders that are asked', async () => {
    const certificate = join(folder, 'ca.crt');
    writeFileSync(certificate, 'authority');
    const content = `${schedulerHead}extenders:
- {urlPrefix: http://127.0.0.1:8888/scheduler, filterVerb: filter, nodeCacheCapable: true, ignorable: true}
- urlPrefix: https://gpus.example.com
  prioritizeVerb: score
  weight: 5
  bindVerb: bind
  preemptVerb: preempt
  enableHTTPS: true
  httpTimeout: 100ms
  tlsConfig: {caFile: ${certificate}, certData: Yw==, keyData: aw==, serverName: gpus}
  managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]
- {urlPrefix: https://unverified.example.com, enableHTTPS: true}
`;
    const { values, warnings } = await read(schedulerConfig, content);
    const plain = { filterVerb: '', preemptVerb: '', prioritizeVerb: '', bindVerb: '', weight: 0, timeoutMs: 5_000 };
    const usual = { ...plain, nodeCacheCapable: false, isIgnorable: false, managedResources: [] };
    expect(values.configuration.extenders).toEqual([
      {
        ...usual,
        ...{ urlPrefix: 'http://127.0.0.1:8888/scheduler', filterVerb: 'filter', nodeCacheCapable: true },
        isIgnorable: true,
        tls: { isInsecure: false },
      },
      {
        ...usual,
        ...{ urlPrefix: 'https://gpus.example.com', prioritizeVerb: 'score', weight: 5, bindVerb: 'bind' },
        ...{ preemptVerb: 'preempt', timeoutMs: 100 },
        managedResources: [{ name: 'example.com/gpu', isIgnoredByScheduler: true }],
        tls: { isInsecure: false, ca: 'authority', cert: 'c', key: 'k', serverName: 'gpus' },
      },
      { ...usual, urlPrefix: 'https://unverified.example.com', tls: { isInsecure: true } },
    ]);
    expect(warnings).toEqual([]);
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
    ...[
      ['urlPrefix: ftp://x', '.urlPrefix: must be a URL of http or https'],
      ['urlPrefix: http://x, prioritizeVerb: p', '.weight: must have a positive weight applied to it'],
      ['urlPrefix: http://x, httpTimeout: soon', '.httpTimeout: must be a duration'],
      ['urlPrefix: http://x, filterVerbs: f', ': Unrecognized key: "filterVerbs"'],
      ['urlPrefix: https://x, tlsConfig: {caFile: /none.crt}', '.tlsConfig.caFile: cannot read /none.crt: ENOENT'],
      [
        'urlPrefix: https://x, tlsConfig: {certData: YQ==}',
        '.tlsConfig: certFile and keyFile (or certData and keyData) go',
      ],
      [
        'urlPrefix: https://x, tlsConfig: {caData: YQ==, insecure: true}',
        '.tlsConfig: specifying a root certificates file',
      ],
      [
        'urlPrefix: http://x, managedResources: [{name: cpu}]',
        '.managedResources.0.name: "cpu" is an invalid extended resource name',
      ],
    ].map(([one = '', message = '']) => [`${schedulerHead}extenders: [{${one}}]`, `extenders.0${message}`]),
    ...[
      ['bindVerb: b', 'found 2 extenders implementing bind, only one can'],
      ['managedResources: [{name: a.b/c}]', 'duplicate extender managed resource name a.b/c'],
    ].map(([one = '', message = '']) => [
      `${schedulerHead}extenders: [{urlPrefix: http://x, ${one}}, {urlPrefix: http://y, ${one}}]`,
      `extenders: ${message}`,
    ]),
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
