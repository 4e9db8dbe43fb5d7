import type { InformerFactory } from '@reckon/client/cache';
import type { RestClient } from '@reckon/client/rest';
import type { ControllerMetrics, EventRecorder } from '@reckon/control/runtime';
import type { CertificateOptions } from './certificates/certificate-options';
import type { MirroringOptions } from './endpoint-slice-mirroring/mirroring-options';
import type { AutoscalerOptions } from './horizontal-pod-autoscaler/autoscaler';
import type { NodeLifecycleOptions } from './node-lifecycle/node-lifecycle-options';
import type { Clock, Logger, Monotonic, Random, Running, Timers } from '@reckon/kernel';

/** What every controller is given. Informers are shared and started once all controllers have asked for theirs. */
export interface ControllerContext {
  readonly rest: RestClient;
  readonly informers: InformerFactory;
  readonly clock: Clock & Monotonic;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  /** Events of a component; the recorder is stopped by whoever made the context. */
  recorder(component: string): EventRecorder;
  readonly options: ControllerOptions;
}

export interface ControllerOptions {
  /** `always`: a token Secret for every account; `on-request`: only Secrets that someone creates are filled. */
  readonly serviceAccountTokenSecrets: 'always' | 'on-request';
  /** What pods trust the apiserver by; published as `kube-root-ca.crt` and in token Secrets. */
  readonly rootCaPem: string;
  /** Signs the token that a Secret of type service-account-token holds. */
  readonly signLegacyToken: (claims: LegacyTokenClaims) => Promise<string>;
  /** Who issues certificates that were approved; undefined: nobody. */
  readonly certificates?: CertificateOptions;
  /** Where upstream's defaults do not hold. */
  readonly endpointSliceMirroring?: Partial<MirroringOptions>;
  /** Where upstream's defaults do not hold. */
  readonly horizontalPodAutoscaler?: Partial<AutoscalerOptions>;
  /** Where upstream's defaults do not hold. */
  readonly nodeLifecycle?: Partial<NodeLifecycleOptions>;
  /** So many pods that have ended are kept; 0: all. Default: upstream's. */
  readonly terminatedPodThreshold?: number;
  /** For so long a token in a Secret must not have been used to be retired, and then to be deleted. Default: upstream's. */
  readonly legacyTokenCleanUpPeriodMs?: number;
}

export interface LegacyTokenClaims {
  readonly namespace: string;
  readonly serviceAccountName: string;
  readonly serviceAccountUid: string;
  readonly secretName: string;
}

/** A controller is one folder and one row of `table.ts`. `start` adds handlers and begins when its informers have synced. */
export interface ControllerRow {
  /** As upstream's `--controllers` names it. */
  readonly name: string;
  /**
   * The ServiceAccount of kube-system whose rights it has (its ClusterRole is `system:controller:<this>`);
   * undefined: those of the controller manager itself.
   */
  readonly serviceAccount?: string;
  /** `*` does not mean it: it runs where it is asked for by name (upstream's `isDisabledByDefault`), and in a cluster of one process. */
  readonly isOnlyByName?: boolean;
  start(context: ControllerContext): Running;
}
