import type { SharedObjects } from '@reckon/client/cache';
import type { RestClient } from '@reckon/client/rest';
import type { ControllerMetrics, EventRecorder } from '@reckon/control/runtime';
import type { Clock, Logger, Monotonic, Random, Timers } from '@reckon/kernel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SecureContextOptions } from 'node:tls';
import type { NodeRegistration } from './node/node-profile';
import type { Stage } from './stages/stage';

/** As `node:tls` takes it; without a certificate handshakes fail until there is one. */
export interface ServingTls extends SecureContextOptions {
  readonly cert?: string;
  readonly key?: string;
}

export interface KubeletOptions {
  readonly rest: RestClient;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  /** Shared with the other informers of this process. */
  readonly objects?: SharedObjects;
  readonly metrics: ControllerMetrics;
  /** Events whose source is the kubelet of this node. */
  recorder(nodeName: string): EventRecorder;
  /** How many nodes this process simulates. */
  readonly nodes: number;
  /** Nodes are `<prefix>-<n>`, n from 0. */
  readonly namePrefix: string;
  /** The name of a single node; it stands in for `<prefix>-0`. */
  readonly nodeName?: string;
  /** What nodes are besides what all simulated ones are. */
  readonly registration?: NodeRegistration;
  /** `v1.36.2+reckon` */
  readonly kubeletVersion: string;
  /** How pods live; see `stages/default-stages.ts`. */
  readonly stages: readonly Stage[];
  /** Where the kubelet's own server listens. Without `tls` it speaks plain HTTP. */
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly tls?: ServingTls;
    /** Calls back with each certificate that takes the place of the one before; until the first of a server without one, nobody gets in. */
    readonly onCertificate?: (use: (certificate: { readonly cert: string; readonly key: string }) => void) => void;
    /** Client certificates are asked for and verified against this; who shows a bad one is for `before` to refuse. */
    readonly clientCa?: string;
    /** Calls back with what takes the place of `clientCa`; for servers that have one. */
    readonly onClientCa?: (use: (caPem: string) => void) => void;
    /** Asked first: resolves to true when it has answered the request itself. */
    readonly before?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
    /** Whether a request with this `Authorization` header may ask. */
    readonly authorize: (authorization: string) => boolean;
  };
}
