import { type KubeObject, StatusError, fieldErrors, fieldPath, statusErrors, jsonEqual } from '@reckon/api/machinery';
import { type Change, type ObjectKey, StorageError, type StoredObject, noRevision } from '@reckon/store/contract';
import { applyTo } from './apply';
import { beforeUpdate } from './before-update';
import { canonicalObject, unstoredBytes } from './canonical-object';
import { commitChange, refuse, settle } from './commit-changes';
import { finishCreate } from './create';
import { demandName } from './demand-name';
import { keepUnchangedTimes } from './managed-fields/keep-unchanged-times';
import { recordOwners } from './record-owners';
import { matchName, matchNamespace } from './names-match';
import { dedupOwnerReferences } from './owner-reference-dedup';
import { registryKeyText } from './registry-key-text';
import { type RequestContext, attributionOf } from './request-context';
import type { UpdateIntent, WriteOptions, WriteResult } from './resource-store';
import { resourceVersionProblem } from './resource-version-text';
import { optimisticLockText, plainFailure, storageToStatus } from './storage-to-status';
import { type StoreParts, keyOf, strategyOf } from './store-parts';
import type { Strategy } from './strategy';

/** What stays the same over the retries of one update. */
interface UpdateCall {
  readonly parts: StoreParts;
  readonly strategy: Strategy;
  readonly ctx: RequestContext;
  readonly namespace: string;
  readonly subresource: string;
  readonly key: ObjectKey;
  readonly intent: UpdateIntent;
  readonly options: WriteOptions;
}

/**
 * PUT and PATCH (registry `Store.Update`): makes the new object from the newest one, including changes in flight, and appends it
 * by compare-and-swap. A lost race starts again from the then newest object; a write that named a resourceVersion refuses then.
 */
export async function update(
  parts: StoreParts,
  ctx: RequestContext,
  namespace: string,
  name: string,
  subresource: string,
  intent: UpdateIntent,
  options: WriteOptions,
): Promise<WriteResult> {
  demandName(name);
  const strategy = strategyOf(parts, subresource);
  const key = keyOf(parts, namespace, name);
  const call: UpdateCall = { parts, strategy, ctx, namespace, subresource, key, intent, options };
  for (let tries = 0; ; tries++) {
    // A signal costs something to make, and a write whose body came whole may as well be tried once.
    if (tries > 0 && ctx.signal.aborted)
      throw statusErrors.timeout('request did not complete within the allotted timeout', 0);
    const current = parts.storage.newest(key);
    try {
      const result = current === undefined ? await createInstead(call) : await attempt(call, current);
      if (result !== 'lost') return result;
    } catch (error) {
      // Somebody else created it meanwhile: then it is an update after all.
      const isThere = current === undefined && error instanceof StatusError && error.code === 'AlreadyExists';
      if (isThere && parts.storage.newest(key) !== undefined) continue;
      return await refuse(parts, name, error);
    }
  }
}

async function createInstead(call: UpdateCall): Promise<WriteResult> {
  const { parts, ctx, namespace, key, intent, options, strategy } = call;
  const mayCreate = intent.mayCreate && (strategy.allowCreateOnUpdate === true || intent.operation === 'Apply');
  if (!mayCreate) throw statusErrors.notFound(parts.resource, key.name);
  refuseOtherUid(call, '');
  const object = await intent.next(undefined, (request) => applyTo(call, undefined, request));
  if (intent.operation === 'Apply' && (object.metadata.uid ?? '') !== '') {
    const uid = object.metadata.uid ?? '';
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw statusErrors.conflict(parts.resource, key.name, why);
  }
  await complete(call, object, undefined);
  delete object.metadata.resourceVersion;
  return await finishCreate(parts, ctx, namespace, object, options);
}

/** One try on `current`; 'lost' when another change came between. */
async function attempt(call: UpdateCall, current: StoredObject): Promise<WriteResult | 'lost'> {
  const { parts, strategy, ctx, namespace, key, intent, options } = call;
  const old = current.parse() as KubeObject;
  refuseOtherUid(call, old.metadata.uid ?? '');

  // A copy of its own for an intent that changes it. What one leaves alone may be in both the old object and the new.
  const own = intent.leavesCurrent === true ? old : (current.parse() as KubeObject);
  const coming = intent.next(own, (request) => applyTo(call, own, request));
  const object = coming instanceof Promise ? await coming : coming;
  await complete(call, object, old);
  refuseStale(call, object, current);
  object.metadata.resourceVersion = String(current.revision);
  beforeUpdate(parts, strategy, ctx, namespace, object, old);
  keepUnchangedTimes(object, old);
  const validated = options.admission.validate(object, old);
  if (validated !== undefined) await validated;

  const next = canonicalObject(object, parts.storedKind, parts.storedApiVersion);
  if (deletesNow(parts.strategy, next, old)) return await deleteEmptied(call, current, next, old);
  if (jsonEqual(next, old) && (await parts.isStale?.(key, current.revision)) !== true) {
    if (parts.storage.newest(key)?.revision !== current.revision) return 'lost';
    return await leave(call, current, next, old);
  }
  return await append(call, { key, verb: 'update', previous: current.revision, object: next }, next, old);
}

/** From the body to what the registry checks: defaults, owners of fields, mutating admission. */
async function complete(call: UpdateCall, object: KubeObject, old: KubeObject | undefined): Promise<void> {
  const { parts, strategy, ctx, subresource, namespace, key, intent, options } = call;
  matchNamespace(object.metadata, parts.row.namespaced ? namespace : '');
  matchName(object.metadata, key.name);
  (strategy.defaults ?? parts.strategy.defaults)?.(object);
  if (intent.operation === 'Update' && strategy.recordsManagers !== false) {
    recordOwners(parts, old, object, {
      manager: ctx.fieldManager,
      subresource,
      apiVersion: options.apiVersion,
      nowMs: ctx.nowMs,
      resetFields: strategy.resetFields,
    });
  }
  const mutated = options.admission.mutate(object, old);
  if (mutated !== undefined) await mutated;
  dedupOwnerReferences(ctx, object.metadata, 'admission');
}

/** The object stays as it is; what its strategy decides of such a write, too, is appended alone. */
async function leave(
  { parts, strategy, ctx, options, key }: UpdateCall,
  current: StoredObject,
  object: KubeObject,
  old: KubeObject,
): Promise<WriteResult | 'lost'> {
  const more = strategy.decidesUnchanged === true ? (strategy.decide?.(ctx, parts.storage, object, old) ?? []) : [];
  const answer = { bytes: current.bytes, created: false };
  if (more.length === 0 || options.dryRun) {
    await settle(parts, key.name);
    return answer;
  }
  try {
    await parts.storage.commit(more, attributionOf(ctx));
    return answer;
  } catch (error) {
    return lostOrThrow(parts, key.name, error);
  }
}

/** Another change came between, or the client is told of the failure. */
function lostOrThrow(parts: StoreParts, name: string, error: unknown): 'lost' {
  if (error instanceof StorageError && (error.code === 'Conflict' || error.code === 'NotFound')) return 'lost';
  throw storageToStatus(error, parts.resource, name);
}

async function append(
  call: UpdateCall,
  change: Change,
  object: KubeObject | undefined,
  old: KubeObject,
): Promise<WriteResult | 'lost'> {
  const { parts, strategy, ctx, options, key } = call;
  if (parts.storage.newest(key)?.revision !== change.previous) return 'lost';
  const companions = object === undefined ? undefined : options.admission.companions?.(object, old);
  const more = (object === undefined ? parts.strategy : strategy).decide?.(ctx, parts.storage, object, old) ?? [];
  if (options.dryRun) {
    await settle(parts, key.name);
    return { bytes: unstoredBytes(change.object), created: false };
  }
  try {
    return { bytes: (await commitChange(parts, ctx, change, more, companions)).bytes, created: false };
  } catch (error) {
    return lostOrThrow(parts, key.name, error);
  }
}

/** registry `ShouldDeleteDuringUpdate` */
function deletesNow(strategy: Strategy, object: KubeObject, old: KubeObject): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0) return false;
  if (old.metadata.deletionTimestamp === undefined) return false;
  if ((old.metadata.deletionGracePeriodSeconds ?? 0) !== 0) return false;
  return strategy.mayDeleteDuringUpdate?.(object, old) ?? true;
}

/** The update took the last finalizer off an object in deletion: it goes, and the client gets the object that it wrote. */
async function deleteEmptied(
  call: UpdateCall,
  current: StoredObject,
  object: KubeObject,
  old: KubeObject,
): Promise<WriteResult | 'lost'> {
  const answer = unstoredBytes(object);
  const change: Change = { key: call.key, verb: 'delete', previous: current.revision, object };
  const result = await append(call, change, undefined, old);
  return result === 'lost' ? 'lost' : { bytes: answer, created: false };
}

/** A PUT with a uid is meant for that object only, and for none that it would make (apiserver/pkg/storage `Preconditions.Check`). */
function refuseOtherUid({ parts, key, intent }: UpdateCall, uid: string): void {
  if (intent.uid === undefined || intent.uid === '' || intent.uid === uid) return;
  throw statusErrors.conflict(
    parts.resource,
    key.name,
    `StorageError: invalid object, Code: 4, Key: ${registryKeyText(key)}, ResourceVersion: 0, AdditionalErrorMsg: ` +
      `Precondition failed: UID in precondition: ${intent.uid}, UID in object meta: ${uid}`,
  );
}

function refuseStale({ parts, strategy, key }: UpdateCall, object: KubeObject, current: StoredObject): void {
  const text = object.metadata.resourceVersion ?? '';
  const problem = text === '' ? undefined : resourceVersionProblem(text);
  if (problem !== undefined) throw plainFailure(problem);
  const given = Number(text);
  if (given === noRevision) {
    if (strategy.allowUnconditionalUpdate ?? true) return;
    // Upstream names the resource where a kind belongs.
    throw statusErrors.invalid({ group: parts.resource.group, kind: parts.resource.resource }, key.name, [
      fieldErrors.invalid(fieldPath('metadata', 'resourceVersion'), 0, 'must be specified for an update'),
    ]);
  }
  if (given !== current.revision) throw statusErrors.conflict(parts.resource, key.name, optimisticLockText);
}
