import { newControllerReference } from '@reckon/api/machinery';
import { fakeClock, seededRandom, silentLogger } from '@reckon/kernel';
import { Indexer } from '@reckon/client/cache';
import { refs, type RestClient } from '@reckon/client/rest';
import { type Claim, NewestObjects, type StorageClass, type Volume } from '@reckon/control/runtime';
import { describe, expect, it } from 'vitest';
import type { NodeInfo } from './cache/node-info';
import { type PluginArgs, type ProfileConfiguration, defaultSchedulerName } from './config/scheduler-configuration';
import { isPluginHere, upstreamPlugins, type UpstreamPlugin } from './config/upstream-plugins';
import { InFlight } from './cycle/in-flight';
import { PodStatusPatcher } from './cycle/pod-status-patch';
import { CycleState } from './framework/cycle-state';
import type { CsiDriver, CsiStorageCapacity, ReplicaSet, ResourceClaim } from './framework/kinds';
import { skip } from './framework/status';
import { makeProfile } from './make-profile';
import { ClaimWriter } from './plugins/dynamic-resources/claim-writer';
import { Evictor } from './plugins/preemption/evictor';
import { VolumeChanges } from './plugins/volume-binding/volume-changes';
import { Nominator } from './queue/nominator';
import { filterReasons, listerOf, nodeInfo, podInfo, scoresOf } from './testing/make';

const set = {
  metadata: { name: 'web', namespace: 'default', uid: 'uid-set' },
  spec: { selector: { matchLabels: { app: 'web' } } },
} as unknown as ReplicaSet;
const owned = {
  labels: { app: 'web' },
  owners: [newControllerReference(set, { apiVersion: 'apps/v1', kind: 'ReplicaSet' })],
};

function profileFor(configuration: Partial<ProfileConfiguration> = {}, nodes: readonly NodeInfo[] = []) {
  const clock = fakeClock();
  const rest = { resource: () => ({}) } as unknown as RestClient;
  const evictor = new Evictor({
    rest,
    patcher: new PodStatusPatcher({ rest, clock, logger: silentLogger }),
    recorder: { acted: () => undefined },
    logger: silentLogger,
    inFlight: new InFlight(),
    activate: () => undefined,
  });
  return makeProfile(
    { schedulerName: defaultSchedulerName, ...configuration },
    {
      rest,
      clock,
      random: seededRandom(1),
      nominator: new Nominator(),
      evictor,
      nodes: listerOf(nodes),
      budgets: () => [],
      podOf: () => undefined,
      namespaceLabels: () => ({}),
      devices: {
        claims: new NewestObjects<ResourceClaim>(new Indexer<ResourceClaim>()),
        deviceClass: () => undefined,
        slices: () => [],
        matcher: () => undefined,
        writer: new ClaimWriter({
          client: rest.resource<ResourceClaim>(refs.resourceClaims),
          view: new NewestObjects<ResourceClaim>(new Indexer<ResourceClaim>()),
          logger: silentLogger,
        }),
        track: () => undefined,
      },
      isClaimInUse: () => false,
      csiNode: () => undefined,
      attachmentsTo: () => [],
      groups: {
        services: () => [],
        replicaSet: () => set,
        statefulSet: () => undefined,
        replicationController: () => undefined,
      },
      volumes: {
        view: {
          volumes: new NewestObjects<Volume>(new Indexer<Volume>()),
          claims: new NewestObjects<Claim>(new Indexer<Claim>()),
          classes: new Indexer<StorageClass>(),
          space: { drivers: new Indexer<CsiDriver>(), capacities: new Indexer<CsiStorageCapacity>() },
        },
        cached: { volumes: new Indexer<Volume>(), claims: new Indexer<Claim>() },
        volumeClient: rest.resource<Volume>(refs.persistentVolumes),
        claimClient: rest.resource<Claim>(refs.persistentVolumeClaims),
        nodes: listerOf(nodes),
        podOf: () => undefined,
        changes: new VolumeChanges(clock),
        clock,
      },
      metrics: { preemption: () => undefined, victims: () => undefined },
    },
  );
}
const pluginOf = (name: string, args: PluginArgs, nodes: readonly NodeInfo[] = []) => {
  const plugin = profileFor({ args }, nodes).plugins.find((one) => one.name === name);
  if (plugin === undefined) throw new Error(`no ${name}`);
  return plugin;
};

describe('a profile', () => {
  it('has every plugin that is here, each where it takes part', () => {
    const { plugins, filter, score, postFilter, preEnqueue } = profileFor();
    const here = (Object.keys(upstreamPlugins) as UpstreamPlugin[]).filter(isPluginHere);
    expect(['PrioritySort', ...plugins.map(({ name }) => name)].sort()).toEqual([...here].sort());
    expect(filter.map(({ name }) => name)).toEqual([
      ...['NodeUnschedulable', 'NodeName', 'TaintToleration', 'NodeAffinity', 'NodePorts', 'NodeResourcesFit'],
      ...[
        'VolumeRestrictions',
        'NodeVolumeLimits',
        'VolumeBinding',
        'VolumeZone',
        'PodTopologySpread',
        'InterPodAffinity',
      ],
      'DynamicResources',
      'NodeDeclaredFeatures',
    ]);
    expect(score.map(({ name, weight }) => `${name} ${String(weight)}`)).toEqual([
      ...['TaintToleration 3', 'NodeAffinity 2', 'NodeResourcesFit 1', 'PodTopologySpread 2', 'InterPodAffinity 2'],
      ...['NodeResourcesBalancedAllocation 1', 'ImageLocality 1'],
    ]);
    expect(postFilter.map(({ name }) => name)).toEqual(['DynamicResources', 'DefaultPreemption']);
    expect(preEnqueue.map(({ name }) => name)).toEqual(['SchedulingGates', 'DynamicResources']);
  });

  it('leaves out what it disables at a point, and only there', () => {
    const profile = profileFor({
      percentageOfNodesToScore: 30,
      plugins: { filter: { disabled: ['NodeAffinity', 'NodeName'] }, score: { disabled: ['*'] } },
    });
    expect(profile.percentageOfNodesToScore).toBe(30);
    expect(profile.filter.map(({ name }) => name)).not.toContain('NodeAffinity');
    expect(profile.preFilter.map(({ name }) => name)).toContain('NodeAffinity');
    expect(profile.plugins.map(({ name }) => name)).not.toContain('NodeName');
    expect(profile.score).toEqual([]);
  });
});

describe('arguments of plugins', () => {
  it('add a node affinity to that of every pod', () => {
    const term = (value: string) => ({ matchExpressions: [{ key: 'pool', operator: 'In', values: [value] }] });
    const plugin = pluginOf('NodeAffinity', {
      NodeAffinity: {
        addedAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term('a'), term('b')] },
          preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, preference: term('b') }],
        },
      },
    });
    const nodes = ['a', 'b', 'c'].map((pool) => nodeInfo({ name: pool, labels: { pool } }));
    const reason = "node(s) didn't match scheduler-enforced node affinity";
    expect(filterReasons(plugin, podInfo(), nodes)).toEqual(['', '', reason]);
    expect(scoresOf(plugin, podInfo(), nodes)).toEqual([0, 100, 0]);
    const picky = podInfo({ spec: { nodeSelector: { pool: 'a' } } });
    expect(filterReasons(plugin, picky, nodes)).toEqual([
      '',
      "node(s) didn't match Pod's node affinity/selector",
      reason,
    ]);
  });

  it('give pods that say nothing topology spread constraints, hard ones too', () => {
    const nodes = [
      nodeInfo({ name: 'a', labels: { zone: 'x' } }, [{ ...owned, name: 'one' }]),
      nodeInfo({ name: 'b', labels: { zone: 'y' } }),
      nodeInfo({ name: 'c' }),
    ];
    const constraint = { maxSkew: 1, topologyKey: 'zone' } as const;
    const plugin = (...kinds: ('DoNotSchedule' | 'ScheduleAnyway')[]) =>
      pluginOf(
        'PodTopologySpread',
        {
          PodTopologySpread: {
            defaultingType: 'List',
            defaultConstraints: kinds.map((whenUnsatisfiable) => ({ ...constraint, whenUnsatisfiable })),
          },
        },
        nodes,
      );
    const uneven = "node(s) didn't match pod topology spread constraints";
    expect(filterReasons(plugin('DoNotSchedule'), podInfo(owned), nodes)).toEqual([
      uneven,
      '',
      `${uneven} (missing required label)`,
    ]);
    expect(scoresOf(plugin('ScheduleAnyway'), podInfo(owned), nodes)).toEqual([0, 100, 0]);
    // An empty list: no defaults at all.
    const state = new CycleState();
    expect(plugin().preScore?.(state, podInfo(owned), nodes)).toBe(skip);
    expect(plugin('DoNotSchedule').preScore?.(state, podInfo(owned), nodes)).toBe(skip);
    const own = {
      topologySpreadConstraints: [{ ...constraint, maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' as const }],
    };
    expect(filterReasons(plugin('DoNotSchedule'), podInfo({ ...owned, spec: own }), nodes)[1]).toBe('');
  });

  it('say how much the affinity of pods that are there counts', () => {
    const selector = { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'zone' };
    const loving = {
      spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [selector] } } },
    };
    const liking = {
      spec: {
        affinity: {
          podAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: selector }],
          },
        },
      },
    };
    const nodes = [
      nodeInfo({ name: 'a', labels: { zone: 'x' } }, [{ name: 'l', ...loving }]),
      nodeInfo({ name: 'b', labels: { zone: 'y' } }, [{ name: 'k', ...liking }]),
      nodeInfo({ name: 'c' }),
    ];
    const scores = (hardPodAffinityWeight: number, ignorePreferredTermsOfExistingPods = false) =>
      scoresOf(
        pluginOf(
          'InterPodAffinity',
          { InterPodAffinity: { hardPodAffinityWeight, ignorePreferredTermsOfExistingPods } },
          nodes,
        ),
        podInfo({ labels: { app: 'web' } }),
        nodes,
      );
    expect(scores(1)).toEqual([10, 100, 0]);
    expect(scores(20)).toEqual([100, 50, 0]);
    expect(scores(0)).toEqual([0, 100, 0]);
    expect(scores(20, true)).toBeUndefined();
  });
});
