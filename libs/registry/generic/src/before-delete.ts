import { type KubeObject, statusErrors, timeText } from '@reckon/api/machinery';
import type { RequestContext } from './request-context';
import type { StoreParts } from './store-parts';
import type { DeleteOptions } from './strategy';

/**
 * `graceful`: `object` was marked with its grace period; `pending`: it is marked already and this request does not shorten that;
 * `immediate`: no grace.
 */
export type Grace = 'graceful' | 'pending' | 'immediate';

/**
 * What happens before an object is deleted (apiserver/pkg/registry/rest `BeforeDelete`). Changes `object` (a fresh copy) and fills
 * `options.gracePeriodSeconds`. The order:
 *
 * 1. preconditions: the client named another object or another state;
 * 2. a negative period means one second;
 * 3. an object in deletion: its period may only be shortened, and never ends before now;
 * 4. otherwise the strategy says whether and how long to wait.
 */
export function beforeDelete(
  parts: StoreParts,
  ctx: RequestContext,
  object: KubeObject,
  options: DeleteOptions,
): Grace {
  const meta = object.metadata;
  checkPreconditions(parts, object, options);

  if (options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0) options.gracePeriodSeconds = 1;
  if (meta.deletionGracePeriodSeconds !== undefined && meta.deletionGracePeriodSeconds < 0)
    meta.deletionGracePeriodSeconds = 1;

  const check = parts.strategy.checkGracefulDelete;
  if (check === undefined) return 'immediate';

  if (meta.deletionTimestamp !== undefined) {
    const left = meta.deletionGracePeriodSeconds ?? 0;
    if (left === 0) return 'immediate';
    const wanted = options.gracePeriodSeconds;
    if (wanted === undefined || wanted >= left) {
      if (wanted === undefined) options.gracePeriodSeconds = left;
      return 'pending';
    }
    const shortenedMs = Date.parse(meta.deletionTimestamp) - (left - wanted) * 1000;
    const isOver = shortenedMs < ctx.nowMs;
    meta.deletionTimestamp = timeText(isOver ? ctx.nowMs : shortenedMs);
    // Whoever stops it gracefully has yet to see the change and to finish the deletion: the least period, not none.
    meta.deletionGracePeriodSeconds = isOver && wanted !== 0 ? 1 : wanted;
    return 'graceful';
  }

  if (!check(ctx, object, options)) return 'immediate';
  const period = options.gracePeriodSeconds ?? 0;
  meta.deletionTimestamp = timeText(ctx.nowMs + period * 1000);
  meta.deletionGracePeriodSeconds = period;
  bumpGeneration(object);
  return 'graceful';
}

/** Marks an object that finalizers hold back (registry/generic/registry `markAsDeleting`). */
export function markAsDeleting(object: KubeObject, nowMs: number): void {
  const meta = object.metadata;
  if (meta.deletionTimestamp === undefined) bumpGeneration(object);
  if (meta.deletionTimestamp === undefined || Date.parse(meta.deletionTimestamp) > nowMs)
    meta.deletionTimestamp = timeText(nowMs);
  meta.deletionGracePeriodSeconds = 0;
}

/** Whoever watches generations must see that the object's fate changed. */
function bumpGeneration(object: KubeObject): void {
  const generation = object.metadata.generation ?? 0;
  if (generation > 0) object.metadata.generation = generation + 1;
}

function checkPreconditions(parts: StoreParts, object: KubeObject, { preconditions }: DeleteOptions): void {
  if (preconditions === undefined) return;
  const { uid = '', resourceVersion = '', name = '' } = object.metadata;
  // Upstream names the Kind where the resource belongs.
  const subject = { group: parts.groupKind.group, resource: parts.groupKind.kind };
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw statusErrors.conflict(
      subject,
      name,
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). ` +
        'The object might have been deleted and then recreated',
    );
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw statusErrors.conflict(
      subject,
      name,
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record ` +
        `(${resourceVersion}). The object might have been modified`,
    );
  }
}
