import type { Decoder } from '@reckon/api/kinds';
import type { Discovery } from '@reckon/serve/discovery';
import type { ApiServerOptions, Limits } from './api-server-options';
import type { AccessMetrics } from './access-metrics';
import type { Exchange } from './exchange';
import type { PathTable } from './paths/path-table';
import type { PeerCertificates } from './pipeline/authenticate';
import type { ModeMemory } from './pipeline/impersonation-modes';
import type { InFlight } from './pipeline/in-flight';
import type { RequestMetrics } from './request-metrics';
import type { Negotiator } from './response/negotiate';
import type { Shutdown } from './shutdown';
import type { ChunkFramer } from './watching/chunk-framer';
import type { WatchMetrics } from './watching/watch-metrics';

/** What handlers and steps may use: the options, and what the server made of them. One per server. */
export interface ServerParts extends Omit<ApiServerOptions, 'shutdown'> {
  readonly limit: Limits;
  readonly decoder: Decoder;
  readonly requests: RequestMetrics;
  readonly access: AccessMetrics;
  readonly watchEvents: WatchMetrics;
  readonly certificates: PeerCertificates;
  /** By which mode of impersonation users were last let through. */
  readonly impersonationModes: ModeMemory;
  readonly inFlight: InFlight;
  readonly discovery: Discovery;
  readonly negotiator: Negotiator;
  readonly paths: PathTable;
  readonly chunks: ChunkFramer;
  readonly shutdown: Readonly<Shutdown>;
  /** Watches that are open: stopping the server aborts them. */
  readonly watches: Set<Exchange>;
}
