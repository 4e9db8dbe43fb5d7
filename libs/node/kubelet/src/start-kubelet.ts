import { Informer } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { type Running, RunningSet } from '@reckon/kernel';
import type { KubeletOptions } from './kubelet-options';
import { NodeKeeper } from './node/node-keeper';
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
    selectors: { fieldSelector: 'spec.nodeName!=' },
    timers: options.timers,
    random: options.random,
    logger: options.logger,
  });
  // The port is known only once the server listens, and the server asks the keeper, which knows the nodes.
  const view: { keeper?: PodKeeper } = {};
  const server = running.add(
    await startKubeletServer(options, {
      pod: (namespace, name) => view.keeper?.pod(namespace, name),
      all: () => view.keeper?.all() ?? [],
    }),
  );
  const profiles = Array.from({ length: options.nodes }, (_, n) =>
    nodeProfile(n, { ...options, kubeletPort: server.port }),
  );
  const keeper = running.add(new PodKeeper(options, informer, profiles));
  view.keeper = keeper;
  running.add(informer);
  informer.start();
  const acting = keeper.start();

  const keepers = profiles.map((profile) => running.add(new NodeKeeper(options, profile)));
  const registered = register(keepers);
  return {
    port: server.port,
    async stop() {
      await running.stop();
      await Promise.all([registered, acting]);
    },
  };
}

async function register(keepers: readonly NodeKeeper[]): Promise<void> {
  const waiting = keepers.values();
  const lane = async (): Promise<void> => {
    for (const keeper of waiting) await keeper.start();
  };
  await Promise.all(Array.from({ length: Math.min(registeringAtOnce, keepers.length) }, lane));
}
