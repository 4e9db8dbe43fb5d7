import type { KubeObject } from '@reckon/api/machinery';
import type { ControllerContext } from '../controller-context';
import type { Source } from './quota-sources';
import { type Quota, quotaStatus } from './quota-status';

/** How often is looked whether the caches have come as far as the quota, and how many times. */
const lookEveryMs = 100;
const looks = 10;

/**
 * The quota with the status that it should have; undefined if it has it, or is gone.
 *
 * The server adds to a quota in the very step that makes an object, so a count of objects as they were before the quota's own revision
 * could undo that and let too many in. A status is therefore written only by counts that are as new as the quota: its version makes the
 * server refuse them if something was added since. Caches come with every change that matters; of kinds in which nothing happens the
 * server is asked.
 */
export async function changeOf(
  { clock, timers }: Pick<ControllerContext, 'clock' | 'timers'>,
  newest: () => Quota | undefined,
  sources: readonly Source[],
  signal: AbortSignal,
): Promise<Quota | undefined> {
  for (let look = 1; ; look++) {
    const quota = newest();
    if (quota === undefined || signal.aborted) return undefined;
    const { namespace = '', resourceVersion } = quota.metadata;
    const isBehind = ({ informer }: Source): boolean => informer.revision < Number(resourceVersion);
    const cached = ({ informer }: Source): Iterable<KubeObject> => informer.lister.list(namespace);
    const nowMs = clock.nowMs();
    const status = quotaStatus(
      quota,
      sources.map((s) => ({ evaluator: s.evaluator, objects: cached(s) })),
      nowMs,
    );
    if (status === undefined) return undefined;
    if (!sources.some(isBehind)) return { ...quota, status };
    if (look < looks && quota.status?.used !== undefined) {
      await timers.sleep(lookEveryMs, signal);
      continue;
    }
    const counted = await Promise.all(
      sources.map(async (source) => ({
        evaluator: source.evaluator,
        objects: isBehind(source) ? await source.list(namespace, signal) : [...cached(source)],
      })),
    );
    const listed = quotaStatus(quota, counted, nowMs);
    return listed === undefined ? undefined : { ...quota, status: listed };
  }
}
