import { type KubeObject, timeText } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { refs } from '@reckon/client/rest';
import type { Clock, Monotonic, Timers } from '@reckon/kernel';
import { type ClientHarness, startClientHarness } from '@reckon/testkit';
import type { ControllerOptions, ControllerRow } from '../controller-context';

export const testOptions: ControllerOptions = {
  serviceAccountTokenSecrets: 'always',
  rootCaPem: 'CA',
  signLegacyToken: async ({ namespace, serviceAccountName, secretName }) =>
    `token:${namespace}/${serviceAccountName}/${secretName}`,
};

/** The controllers of these rows, running against a fake API. */
export async function startControllersForTest(
  rows: readonly ControllerRow[],
  options: {
    readonly time?: Clock & Monotonic & Timers;
    readonly prepare?: (harness: ClientHarness) => void;
    readonly controllers?: Partial<ControllerOptions>;
  } = {},
): Promise<ClientHarness> {
  const harness = await startClientHarness(options.time === undefined ? {} : { time: options.time });
  options.prepare?.(harness);
  for (const row of rows) harness.add(row.start({ ...harness, options: { ...testOptions, ...options.controllers } }));
  harness.informers.start();
  return harness;
}

export type Pod = corev1.Pod & KubeObject;

/** Plays scheduler and kubelets: a pod is Running and ready as soon as it is there, unless `isSick` says otherwise. */
export function runPods({ api, clock }: ClientHarness, isSick: (pod: Pod) => boolean = () => false): void {
  api.store.subscribe(({ type, ref, object }) => {
    if (type !== 'ADDED' || ref.kind !== 'Pod') return;
    const pod = object as Pod;
    if (!isSick(pod)) queueMicrotask(() => api.store.put(refs.pods, readyPod(pod, clock.nowMs())));
  });
}

export const readyPod = (pod: Pod, nowMs: number): Pod => ({
  ...pod,
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: timeText(nowMs) }] },
});

export const podTemplate = (image: string): corev1.PodTemplateSpec => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
});
