import type { corev1 } from '@reckon/api/types';

/** What the parts of a pod's validation must know of the whole. */
export interface PodContext {
  /** A pod, not the template of one. */
  readonly isPod: boolean;
  /** Name of the pod, where it has one already. */
  readonly podName: string;
  readonly gracePeriodSeconds: number | undefined;
  readonly restartPolicy: string;
  /** False when the pod has its own user namespace. */
  readonly sharesHostUsers: boolean;
  /** The volumes that are well formed, by name: mounts may refer to these. */
  readonly volumes: ReadonlyMap<string, corev1.Volume>;
  readonly claimNames: ReadonlySet<string>;
  /** Rules that newer versions brought are not held against what is stored already. */
  readonly tolerated: Tolerated;
}

/** What an old object already had wrong, and may keep (podutil.GetValidationOptionsFromPodSpecAndMeta). */
export interface Tolerated {
  readonly badSelectorValues: boolean;
  readonly badNodeAffinityValues: boolean;
  readonly badSpreadSelectors: boolean;
  readonly deletionCost: boolean;
  readonly indivisibleHugePages: boolean;
  readonly tokenPaths: boolean;
  readonly hostSysctls: boolean;
  /** Block devices beside a user namespace of the pod's own. */
  readonly userNamespaceDevices: boolean;
  /** A way to label volumes that a gate keeps for itself (SELinuxMount). */
  readonly mountOptionLabels: boolean;
  /** Addresses in whatever form they were once taken. */
  readonly addresses: readonly string[];
}

export const nothingTolerated: Tolerated = {
  badSelectorValues: false,
  badNodeAffinityValues: false,
  badSpreadSelectors: false,
  deletionCost: false,
  indivisibleHugePages: false,
  tokenPaths: false,
  hostSysctls: false,
  userNamespaceDevices: false,
  mountOptionLabels: false,
  addresses: [],
};
