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
  const keeper = new PodKeeper(options, informer);
  const names = new Set<string>();
  const server = running.add(
    await startKubeletServer(options, {
      pod: (namespace, name) => {
        const pod = informer.lister.get(namespace, name);
        return pod !== undefined && names.has(pod.spec?.nodeName ?? '') ? pod : undefined;
      },
      all: () => keeper.podsOf(names),
    }),
  );
  running.add(informer);
  running.add(keeper);
  informer.start();
  keeper.start();

  const keepers = Array.from({ length: options.nodes }, (_, n) => {
    const profile = nodeProfile(n, { ...options, kubeletPort: server.port });
    names.add(profile.name);
    return running.add(new NodeKeeper(options, profile));
  });
  const registered = register(keepers, keeper);
  return {
    port: server.port,
    async stop() {
      await running.stop();
      await registered;
    },
  };
}

async function register(keepers: readonly NodeKeeper[], pods: PodKeeper): Promise<void> {
  const waiting = [...keepers];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      pods.addNode(next.profile);
      await next.start();
    }
  };
  await Promise.all(Array.from({ length: Math.min(registeringAtOnce, keepers.length) }, lane));
}
