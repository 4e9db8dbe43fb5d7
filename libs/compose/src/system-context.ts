import type { Clock, Random } from '@reckon/kernel';
import type { RequestContext, WriteOptions } from '@reckon/registry/generic';

/** Who writes what a cluster has from its first moment: the apiserver itself. */
export function systemContext(parts: {
  readonly clock: Clock;
  readonly random: Random;
  readonly agent: string;
}): RequestContext {
  return {
    user: { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] },
    userAgent: parts.agent,
    requestId: parts.random.uuid(),
    fieldManager: 'kube-apiserver',
    nowMs: parts.clock.nowMs(),
    signal: new AbortController().signal,
    warn: () => undefined,
  };
}

/** Its own objects are not asked of admission: they are what admission needs to be there. */
export const systemWrite = (apiVersion: string): WriteOptions => ({
  dryRun: false,
  apiVersion,
  admission: { mutate: () => undefined, validate: () => undefined },
});
