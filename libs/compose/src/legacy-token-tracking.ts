import { type KubeObject, dayText, deepCopy, parseDay, reasonOf } from '@reckon/api/machinery';
import type { Clock, Logger, Random, Running, Timers } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import type { Storage } from '@reckon/store/contract';
import { systemContext, systemWrite } from './system-context';

export interface LegacyTokenTrackingParts {
  readonly storage: Storage;
  readonly configMaps: ResourceStore;
  readonly agent: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

const key = {
  group: '',
  resource: 'configmaps',
  namespace: 'kube-system',
  name: 'kube-apiserver-legacy-service-account-token-tracking',
} as const;
const createdAtMostEveryMs = 30 * 60_000;
const retryMs = 5_000;

/**
 * Tells in a ConfigMap since which day the uses of tokens in Secrets are written down: who retires unused ones must know
 * (pkg/controlplane/controller/legacytokentracking). One that is deleted is made again after half an hour at the earliest, for an
 * apiserver beside this one may want it away; one that tells no day is given one.
 */
export function startLegacyTokenTracking(parts: LegacyTokenTrackingParts): Running {
  const { clock, logger, storage, timers } = parts;
  const abort = new AbortController();
  let createdMs: number | undefined;
  let isAsked = false;
  let looking: Promise<void> | undefined;
  const waiting = new Set<Promise<void>>();

  function lookAgainIn(ms: number): void {
    const wait = timers.sleep(ms, abort.signal).then(() => {
      waiting.delete(wait);
      if (!abort.signal.aborted) look();
    });
    waiting.add(wait);
  }

  async function sync(): Promise<void> {
    const stored = storage.newest(key);
    if (stored !== undefined) {
      if (!tellsDay(stored.parse() as unknown as ConfigMap)) await writeDay(parts);
      return;
    }
    const nowMs = clock.nowMs();
    const leftMs = createdMs === undefined ? 0 : createdMs + createdAtMostEveryMs - nowMs;
    if (leftMs > 0) {
      lookAgainIn(leftMs);
      return;
    }
    await create(parts);
    createdMs = nowMs;
  }

  async function lookWhileAsked(): Promise<void> {
    // Not within the fold of the change that told us.
    await Promise.resolve();
    while (isAsked && !abort.signal.aborted) {
      isAsked = false;
      try {
        await sync();
      } catch (error) {
        const reason = reasonOf(error);
        // Changed or gone meanwhile: that change looks again.
        if (['AlreadyExists', 'Conflict', 'NotFound'].includes(reason ?? '')) continue;
        logger.warn('since when uses of tokens are tracked was not written', { error: String(error) });
        lookAgainIn(retryMs);
      }
    }
    looking = undefined;
  }

  function look(): void {
    isAsked = true;
    looking ??= lookWhileAsked();
  }

  const end = storage.observe({ group: key.group, resource: key.resource }, ({ object }) => {
    if (object.key.namespace === key.namespace && object.key.name === key.name) look();
  });
  look();
  return {
    async stop() {
      end();
      abort.abort();
      await looking;
      await Promise.all(waiting);
    },
  };
}

interface ConfigMap {
  readonly data?: Readonly<Record<string, string>> | null;
}

const tellsDay = ({ data }: ConfigMap): boolean => parseDay(data?.['since'] ?? '') !== undefined;

async function create(parts: LegacyTokenTrackingParts): Promise<void> {
  const ctx = systemContext(parts);
  const { namespace, name } = key;
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name },
    data: { since: dayText(ctx.nowMs) },
  };
  await parts.configMaps.create(ctx, namespace, map, systemWrite('v1'));
}

async function writeDay(parts: LegacyTokenTrackingParts): Promise<void> {
  const ctx = systemContext(parts);
  const next = (current: KubeObject | undefined): KubeObject => {
    if (current === undefined) throw new Error('a ConfigMap that must be there is updated');
    if (tellsDay(current as ConfigMap)) return current;
    const { data } = current as ConfigMap;
    return { ...deepCopy(current), data: { ...data, since: dayText(ctx.nowMs) } };
  };
  const intent = { next, operation: 'Update', mayCreate: false } as const;
  await parts.configMaps.update(ctx, key.namespace, key.name, '', intent, systemWrite('v1'));
}
