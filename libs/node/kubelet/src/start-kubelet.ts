import { Informer } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { type Running, RunningSet } from '@reckon/kernel';
import type { KubeletOptions } from './kubelet-options';
import { Heartbeats } from './node/heartbeats';
import { NodeEvents } from './node/node-events';
import { NodeKeeper, heartbeatMs } from './node/node-keeper';
import type { Node } from './node/node-object';
import { nodeProfile } from './node/node-profile';
import { PodKeeper } from './pods/pod-keeper';
import { startKubeletServer } from './server/kubelet-server';
import type { Pod } from './stages/next-stage';

export interface Kubelet extends Running {
  /** Where its server listens. */
  readonly port: number;
}

/** Nodes that register at the same time; more would only queue at the apiserver. */
const registeringAtOnce = 16;

/** Starts `options.nodes` simulated nodes in this process. Resolves at once; the nodes register on their own. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const running = new RunningSet();
  const informer = new Informer<Pod>({
    client: options.rest.resource<Pod>(refs.pods),
    // A node of its own name may see its own pods only; a fleet sorts out those of its nodes itself.
    selectors: {
      fieldSelector: options.nodeName === undefined ? 'spec.nodeName!=' : `spec.nodeName=${options.nodeName}`,
    },
    timers: options.timers,
    random: options.random,
    logger: options.logger,
    ...(options.objects === undefined ? {} : { objects: options.objects }),
  });
  // The port is known only once the server listens, and the server asks the keeper, which knows the nodes.
  const view: { keeper?: PodKeeper } = {};
  const server = running.add(
    await startKubeletServer(options, {
      pod: (namespace, name) => view.keeper?.pod(namespace, name),
      all: () => view.keeper?.all() ?? [],
    }),
  );
  const nodes = Array.from({ length: options.nodes }, (_, n) => {
    const profile = nodeProfile(n, { ...options, kubeletPort: server.port });
    return { profile, recorder: options.recorder(profile.name) };
  });
  const keeper = running.add(new PodKeeper(options, informer, nodes));
  view.keeper = keeper;
  running.add(informer);
  informer.start();
  const acting = keeper.start();

  const heartbeats = {
    lease: new Heartbeats(options.timers, options.random, heartbeatMs.lease),
    status: new Heartbeats(options.timers, options.random, heartbeatMs.status),
  };
  const keepers = nodes.map(({ profile, recorder }) =>
    running.add(new NodeKeeper(options, profile, { events: new NodeEvents(recorder, profile.name), heartbeats })),
  );
  watchNodes(options, running, keepers);
  const registered = register(keepers);
  return {
    port: server.port,
    async stop() {
      await running.stop();
      await Promise.all([registered, acting]);
    },
  };
}

/** Tells each keeper of what others write to its node; a node of its own name may see no other. */
function watchNodes(options: KubeletOptions, running: RunningSet, keepers: readonly NodeKeeper[]): void {
  const keeperOf = new Map(keepers.map((keeper) => [keeper.profile.name, keeper]));
  const informer = new Informer<Node>({
    client: options.rest.resource<Node>(refs.nodes),
    selectors: options.nodeName === undefined ? {} : { fieldSelector: `metadata.name=${options.nodeName}` },
    timers: options.timers,
    random: options.random,
    logger: options.logger,
    ...(options.objects === undefined ? {} : { objects: options.objects }),
  });
  const seen = (node: Node): void => keeperOf.get(node.metadata.name ?? '')?.seen(node);
  informer.addHandler({
    add: seen,
    update: (_, node) => {
      seen(node);
    },
  });
  running.add(informer);
  informer.start();
}

async function register(keepers: readonly NodeKeeper[]): Promise<void> {
  const waiting = keepers.values();
  const lane = async (): Promise<void> => {
    for (const keeper of waiting) await keeper.start();
  };
  await Promise.all(Array.from({ length: Math.min(registeringAtOnce, keepers.length) }, lane));
}
