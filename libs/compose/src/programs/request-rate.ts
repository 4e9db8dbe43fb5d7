import type { RequestRate } from '@reckon/client/rest';

export interface RequestRateFlags {
  readonly 'kube-api-qps': number;
  readonly 'kube-api-burst': number;
}

/**
 * What `--kube-api-qps` and `--kube-api-burst` set; of one alone upstream's default for the other. Neither, or a negative rate: no
 * limit, since the apiserver bounds what is in flight, and a limit here would only make everything slower.
 */
export function requestRateOf(flags: RequestRateFlags, upstream: RequestRate): RequestRate | undefined {
  const { 'kube-api-qps': perSecond, 'kube-api-burst': burst } = flags;
  if (perSecond < 0 || (perSecond === 0 && burst === 0)) return undefined;
  return {
    perSecond: perSecond === 0 ? upstream.perSecond : perSecond,
    burst: burst === 0 ? upstream.burst : burst,
  };
}
