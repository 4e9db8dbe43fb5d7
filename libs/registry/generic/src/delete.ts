import { type KubeObject, statusErrors } from '@reckon/api/machinery';
import { type ObjectKey, StorageError, type StoredObject } from '@reckon/store/contract';
import { beforeDelete, markAsDeleting } from './before-delete';
import { canonicalObject, unstoredBytes } from './canonical-object';
import { commitChange, refuse, settle } from './commit-changes';
import { demandName } from './demand-name';
import { garbageCollectionFinalizers } from './garbage-collection-finalizers';
import type { RequestContext } from './request-context';
import type { DeleteResult, WriteOptions } from './resource-store';
import { storageToStatus } from './storage-to-status';
import { type StoreParts, keyOf } from './store-parts';
import type { DeleteOptions } from './strategy';

/** What one look at the object decided: how it is written, if at all. */
interface Step {
  readonly verb: 'delete' | 'update' | 'none';
  readonly object: KubeObject;
}

/**
 * DELETE (registry `Store.Delete`): marks the object while a grace period or finalizers hold it, removes it otherwise. A lost race
 * starts again from the then newest object. Upstream marks a pod with grace 0 and then deletes it; here that is one entry, whose
 * last state carries the mark.
 */
export async function deleteObject(
  parts: StoreParts,
  ctx: RequestContext,
  namespace: string,
  name: string,
  deleteOptions: DeleteOptions,
  options: WriteOptions,
): Promise<DeleteResult> {
  demandName(name);
  const key = keyOf(parts, namespace, name);
  for (;;) {
    if (ctx.signal.aborted) throw statusErrors.timeout('request did not complete within the allotted timeout', 0);
    const current = parts.storage.newest(key);
    try {
      if (current === undefined) throw statusErrors.notFound(parts.resource, name);
      // Strategies change the options; every try begins with the client's.
      const result = await attempt(parts, ctx, key, current, { ...deleteOptions }, options);
      if (result !== 'lost') return result;
    } catch (error) {
      return await refuse(parts, name, error);
    }
  }
}

async function attempt(
  parts: StoreParts,
  ctx: RequestContext,
  key: ObjectKey,
  current: StoredObject,
  deleteOptions: DeleteOptions,
  options: WriteOptions,
): Promise<DeleteResult | 'lost'> {
  const old = current.parse() as KubeObject;
  const step = decideStep(parts, ctx, current, deleteOptions);
  if (step.verb !== 'none') {
    const mutated = options.admission.mutate(undefined, old);
    if (mutated !== undefined) await mutated;
    const validated = options.admission.validate(undefined, old);
    if (validated !== undefined) await validated;
  }
  if (parts.storage.newest(key)?.revision !== current.revision) return 'lost';
  return await carryOut(parts, ctx, key, current, old, step, options.dryRun);
}

function decideStep(parts: StoreParts, ctx: RequestContext, current: StoredObject, deleteOptions: DeleteOptions): Step {
  const { strategy } = parts;
  const object = current.parse() as KubeObject;
  switch (strategy.interceptDelete?.(ctx, object, deleteOptions)) {
    case 'update':
      return { verb: 'update', object };
    case 'keep':
      return { verb: 'none', object };
    case 'delete':
    case undefined:
      break;
  }
  const grace = beforeDelete(parts, ctx, object, deleteOptions);
  // Once deletion has begun, its options no longer change the finalizers.
  if (grace === 'pending') return { verb: 'none', object };
  const meta = object.metadata;
  const finalizers = garbageCollectionFinalizers(meta.finalizers ?? [], deleteOptions, strategy.defaultPropagation);
  if (finalizers !== undefined) meta.finalizers = finalizers;
  const isHeld = (meta.finalizers?.length ?? 0) > 0;
  if (grace === 'immediate') {
    if (!isHeld) return { verb: 'delete', object };
    markAsDeleting(object, ctx.nowMs);
    return { verb: 'update', object };
  }
  return { verb: isHeld || (deleteOptions.gracePeriodSeconds ?? 0) > 0 ? 'update' : 'delete', object };
}

async function carryOut(
  parts: StoreParts,
  ctx: RequestContext,
  key: ObjectKey,
  current: StoredObject,
  old: KubeObject,
  step: Step,
  dryRun: boolean,
): Promise<DeleteResult | 'lost'> {
  const gone = step.verb === 'delete';
  // While it lingers the client sees the object; when it is gone (or going already), a Status unless the kind says otherwise.
  const isObject =
    step.verb === 'update' ||
    parts.strategy.returnsDeletedObject === true ||
    parts.strategy.interceptDelete !== undefined;
  const answer = (bytes: Buffer): DeleteResult => ({
    bytes,
    gone,
    uid: old.metadata.uid ?? '',
    answer: isObject && !(gone && parts.strategy.returnsDeletedObject !== true) ? 'object' : 'status',
  });
  const object = canonicalObject(step.object, parts.storedKind, parts.storedApiVersion);
  // Marked again as it was: nothing to write.
  const isUnchanged = step.verb === 'none' || (step.verb === 'update' && sameDeletion(object, old));
  if (isUnchanged || dryRun) {
    if (gone && dryRun) parts.strategy.decide?.(ctx, parts.storage, undefined, old);
    await settle(parts, key.name);
    return answer(isUnchanged ? current.bytes : unstoredBytes(object));
  }
  try {
    const more = parts.strategy.decide?.(ctx, parts.storage, gone ? undefined : object, old) ?? [];
    const verb = gone ? 'delete' : 'update';
    return answer((await commitChange(parts, ctx, { key, verb, previous: current.revision, object }, more)).bytes);
  } catch (error) {
    if (error instanceof StorageError && (error.code === 'Conflict' || error.code === 'NotFound')) return 'lost';
    throw storageToStatus(error, parts.resource, key.name);
  }
}

/** Deletion touches nothing but these. */
function sameDeletion(object: KubeObject, old: KubeObject): boolean {
  const [a, b] = [object.metadata, old.metadata];
  return (
    a.deletionTimestamp === b.deletionTimestamp &&
    a.deletionGracePeriodSeconds === b.deletionGracePeriodSeconds &&
    a.generation === b.generation &&
    (a.finalizers ?? []).join('\n') === (b.finalizers ?? []).join('\n')
  );
}
