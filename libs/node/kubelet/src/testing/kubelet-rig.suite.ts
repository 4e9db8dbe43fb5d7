import type { KubeObject } from '@reckon/api/machinery';
import { refs } from '@reckon/client/rest';
import type { Clock, Monotonic, Timers } from '@reckon/kernel';
import { type ClientHarness, type FakeApi, startClientHarness } from '@reckon/testkit';
import { type Kubelet, type KubeletOptions, defaultStages, startKubelet } from '../index';
import type { Pod } from '../stages/next-stage';

export interface KubeletRig extends ClientHarness {
  readonly kubelet: Kubelet;
  /** Writes a pod that is placed on a node. */
  place(
    name: string,
    pod?: { readonly metadata?: object; readonly spec?: object; readonly status?: object; readonly node?: string },
  ): Pod;
  pod(name: string): Pod | undefined;
  /** About objects of one kind, or of any. */
  events(kind?: string): {
    readonly reason: string;
    readonly type: string;
    readonly message: string;
    readonly source: object;
    readonly involvedObject: {
      readonly kind: string;
      readonly name: string;
      readonly uid?: string;
      readonly fieldPath?: string;
    };
  }[];
  ask(path: string, token?: string): Promise<Response>;
}

/** A kubelet with its nodes on a fake API; `before` fills the API first. */
export async function startKubeletRig(
  options: Partial<KubeletOptions> & {
    readonly time?: Clock & Monotonic & Timers;
    readonly before?: (api: FakeApi) => void;
  } = {},
): Promise<KubeletRig> {
  const { time, before, ...rest } = options;
  const h = await startClientHarness(time === undefined ? {} : { time });
  before?.(h.api);
  const kubelet = h.add(await startKubelet({ ...kubeletOptions(h), ...rest }));
  return {
    ...h,
    kubelet,
    place: (name, pod = {}) => h.api.store.put(refs.pods, placedPod(name, pod)),
    pod: (name) => h.api.store.find(refs.pods, 'default', name),
    events: (kind) =>
      (h.api.store.list(refs.events) as unknown as ReturnType<KubeletRig['events']>).filter(
        (e) => kind === undefined || e.involvedObject.kind === kind,
      ),
    ask: (path, token = 'right') =>
      fetch(`http://127.0.0.1:${String(kubelet.port)}${path}`, { headers: { authorization: `Bearer ${token}` } }),
  };
}

/** Two nodes `node-0` and `node-1` that speak plain HTTP to whoever has the token `right`. */
export const kubeletOptions = (h: ClientHarness): KubeletOptions => ({
  ...h,
  recorder: (host) => h.recorder(host),
  nodes: 2,
  namePrefix: 'node',
  kubeletVersion: 'v1.36.2+test',
  stages: defaultStages,
  listen: { host: '127.0.0.1', port: 0, authorize: (authorization) => authorization === 'Bearer right' },
});

export const placedPod = (
  name: string,
  {
    metadata,
    spec,
    status,
    node = 'node-0',
  }: { metadata?: object; spec?: object; status?: object; node?: string } = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { nodeName: node, containers: [{ name: 'main', image: 'nginx' }], terminationGracePeriodSeconds: 30, ...spec },
  status: { phase: 'Pending', ...status },
});
