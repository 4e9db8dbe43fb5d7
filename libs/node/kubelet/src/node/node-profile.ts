import type { corev1 } from '@reckon/api/types';

/** What one simulated node is. */
export interface NodeProfile {
  readonly name: string;
  readonly internalIp: string;
  /** Addresses of its pods: a /24. */
  readonly podCidr: string;
  readonly kubeletPort: number;
  readonly kubeletVersion: string;
  readonly registration: NodeRegistration;
}

/** What a person can say of a node; what is left out is as for any simulated node. */
export interface NodeRegistration {
  /** Where its kubelet is reached; default: an address of its own that leads nowhere. */
  readonly internalIp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly corev1.Taint[];
  readonly unschedulable?: boolean;
  readonly providerId?: string;
  readonly maxPods?: number;
  /** `false`: somebody else makes the Node, and the kubelet waits until it is there. */
  readonly isMade?: boolean;
}

/** A simulated machine is large, so that the scheduler is rarely what stops a test. */
export const nodeCapacity = {
  cpu: '32',
  memory: '256Gi',
  pods: '110',
  'ephemeral-storage': '1Ti',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
} as const;

/**
 * The n-th node. 10.64.0.0/14 holds the nodes' own addresses; each has a /24 of pods, from 10.244.0.0 on and, when those up to
 * 10.255.255.0 are gone, from 10.128.0.0 on: 32,768 nodes in all, none of them in the usual range of Services (10.96.0.0/12).
 */
export function nodeProfile(
  n: number,
  options: {
    readonly namePrefix: string;
    readonly nodeName?: string;
    readonly registration?: NodeRegistration;
    readonly kubeletPort: number;
    readonly kubeletVersion: string;
  },
): NodeProfile {
  const host = n + 2;
  const { registration = {} } = options;
  const block = n >> 8;
  return {
    name: n === 0 && options.nodeName !== undefined ? options.nodeName : `${options.namePrefix}-${String(n)}`,
    internalIp:
      registration.internalIp ?? `10.${String(64 + (host >> 16))}.${String((host >> 8) & 255)}.${String(host & 255)}`,
    podCidr: `10.${String(block < 12 ? 244 + block : 116 + block)}.${String(n & 255)}.0/24`,
    kubeletPort: options.kubeletPort,
    kubeletVersion: options.kubeletVersion,
    registration,
  };
}
