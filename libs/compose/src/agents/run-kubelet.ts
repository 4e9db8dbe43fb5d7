import type { RestClient } from '@reckon/client/rest';
import { type ControllerMetrics, EventBroadcaster } from '@reckon/control/runtime';
import { type Running, RunningSet } from '@reckon/kernel';
import { type KubeletOptions, defaultStages, startKubelet } from '@reckon/node/kubelet';
import type { AgentBasics } from './agent-basics';

export interface KubeletRun
  extends
    Omit<AgentBasics, 'metrics'>,
    Omit<KubeletOptions, 'clock' | 'timers' | 'random' | 'logger' | 'objects' | 'recorder' | 'stages'> {
  readonly metrics: ControllerMetrics;
  readonly rest: RestClient;
  readonly stages: KubeletOptions['stages'] | undefined;
}

/** The kubelet with its nodes, embedded or in a program of its own. */
export async function runKubelet(run: KubeletRun): Promise<Running & { readonly port: number }> {
  const running = new RunningSet();
  const kubelet = running.add(
    await startKubelet({
      ...run,
      stages: run.stages ?? defaultStages,
      recorder: (host) => running.add(new EventBroadcaster({ ...run, component: 'kubelet', host })),
    }),
  );
  return { port: kubelet.port, stop: () => running.stop() };
}
