/** What one simulated node is. */
export interface NodeProfile {
  readonly name: string;
  readonly internalIp: string;
  /** Addresses of its pods: a /24. */
  readonly podCidr: string;
  readonly kubeletPort: number;
  readonly kubeletVersion: string;
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

/** The n-th node: 10.64.0.0/14 holds the nodes, 10.244.0.0/14 and what follows a /24 of pods for each. */
export function nodeProfile(
  n: number,
  options: { readonly namePrefix: string; readonly kubeletPort: number; readonly kubeletVersion: string },
): NodeProfile {
  const host = n + 2;
  return {
    name: `${options.namePrefix}-${String(n)}`,
    internalIp: `10.${String(64 + (host >> 16))}.${String((host >> 8) & 255)}.${String(host & 255)}`,
    podCidr: `10.${String(244 + (n >> 8))}.${String(n & 255)}.0/24`,
    kubeletPort: options.kubeletPort,
    kubeletVersion: options.kubeletVersion,
  };
}
