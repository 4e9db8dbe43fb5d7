import type { RestClient } from '@reckon/client/rest';
import type { ControllerMetrics, EventRecorder } from '@reckon/control/runtime';
import type { Clock, Logger, Monotonic, Random, Timers } from '@reckon/kernel';
import type { Stage } from './stages/stage';

export interface KubeletOptions {
  readonly rest: RestClient;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  /** Events whose source is the kubelet of this node. */
  recorder(nodeName: string): EventRecorder;
  /** How many nodes this process simulates. */
  readonly nodes: number;
  /** Nodes are `<prefix>-<n>`, n from 0. */
  readonly namePrefix: string;
  /** `v1.36.2+reckon` */
  readonly kubeletVersion: string;
  /** How pods live; see `stages/default-stages.ts`. */
  readonly stages: readonly Stage[];
  /** Where the kubelet's own server listens. Without `tls` it speaks plain HTTP. */
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly cert: string; readonly key: string };
    /** Whether a request with this `Authorization` header may ask. */
    readonly authorize: (authorization: string) => boolean;
  };
}
