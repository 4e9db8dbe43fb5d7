import {
  type KubeObject,
  StatusError,
  failure,
  generateName,
  groupResourceName,
  statusErrors,
} from '@reckon/api/machinery';
import { type Change, type ObjectKey, StorageError, noRevision } from '@reckon/store/contract';
import { beforeCreate } from './before-create';
import { canonicalObject, unstoredBytes } from './canonical-object';
import { commitChange, refuse, settle } from './commit-changes';
import { recordOwners } from './record-owners';
import { matchNamespace } from './names-match';
import { dedupOwnerReferences } from './owner-reference-dedup';
import type { RequestContext } from './request-context';
import type { WriteOptions, WriteResult } from './resource-store';
import { resourceVersionProblem } from './resource-version-text';
import { plainFailure, storageToStatus } from './storage-to-status';
import { type StoreParts, keyOf } from './store-parts';
import { fillSystemMetadata, wipeSystemMetadata } from './system-metadata';

/** registry/generic/registry `maxNameGenerationCreateAttempts` */
const nameAttempts = 8;

/** POST (upstream: endpoints/handlers `createHandler` from admission on, then registry `Store.Create`). Takes over `object`. */
export async function create(
  parts: StoreParts,
  ctx: RequestContext,
  namespace: string,
  object: KubeObject,
  options: WriteOptions,
): Promise<WriteResult> {
  try {
    const meta = object.metadata;
    matchNamespace(meta, parts.row.namespaced ? namespace : '');
    wipeSystemMetadata(meta);
    parts.strategy.defaults?.(object);
    dedupOwnerReferences(ctx, meta, 'request');
    // Before admission: what plugins add belongs to nobody.
    recordOwners(parts, undefined, object, {
      manager: ctx.fieldManager,
      subresource: '',
      apiVersion: options.apiVersion,
      nowMs: ctx.nowMs,
      resetFields: parts.strategy.resetFields,
    });
    const mutated = options.admission.mutate(object, undefined);
    if (mutated !== undefined) await mutated;
    dedupOwnerReferences(ctx, object.metadata, 'admission');
    return await finishCreate(parts, ctx, namespace, object, options);
  } catch (error) {
    // Admission and decide may have refused because of something in flight.
    return await refuse(parts, object.metadata.name ?? '', error);
  }
}

/** The part that an update which creates shares: system fields, checks, validating admission, the append. */
export async function finishCreate(
  parts: StoreParts,
  ctx: RequestContext,
  namespace: string,
  object: KubeObject,
  options: WriteOptions,
): Promise<WriteResult> {
  const base = (object.metadata.name ?? '') === '' ? (object.metadata.generateName ?? '') : '';
  fillSystemMetadata(object.metadata, parts.random, ctx.nowMs);

  for (let attempt = 1; ; attempt++) {
    if (base !== '') object.metadata.name = generateName(base, parts.random);
    beforeCreate(parts, ctx, namespace, object);
    const validated = options.admission.validate(object, undefined);
    if (validated !== undefined) await validated;
    refuseResourceVersion(object);

    const name = object.metadata.name ?? '';
    const key = keyOf(parts, namespace, name);
    const complete = canonicalObject(object, parts.storedKind, parts.storedApiVersion);
    try {
      return await append(parts, ctx, key, complete, options);
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'Exists'))
        throw storageToStatus(error, parts.resource, name);
      if (base !== '' && attempt < nameAttempts) continue;
      throw existsError(parts, key, object.metadata.generateName ?? '');
    }
  }
}

async function append(
  parts: StoreParts,
  ctx: RequestContext,
  key: ObjectKey,
  object: KubeObject,
  { dryRun, admission }: WriteOptions,
): Promise<WriteResult> {
  // Asked first: upstream refuses what no quota has room for before it looks whether the name is taken.
  const companions = admission.companions?.(object, undefined);
  if (parts.storage.newest(key) !== undefined) throw new StorageError('Exists', 'the object exists');
  const more = parts.strategy.decide?.(ctx, parts.storage, object, undefined) ?? [];
  if (dryRun) {
    await settle(parts, key.name);
    return { bytes: unstoredBytes(object), created: true };
  }
  const change: Change = { key, verb: 'create', previous: noRevision, object };
  return { bytes: (await commitChange(parts, ctx, change, more, companions)).bytes, created: true };
}

/** apiserver/pkg/storage `ErrResourceVersionSetOnCreate`; "0" counts as unset. */
function refuseResourceVersion(object: KubeObject): void {
  const text = object.metadata.resourceVersion ?? '';
  if (text !== '' && resourceVersionProblem(text) === undefined && Number(text) !== 0)
    throw plainFailure('resourceVersion should not be set on objects to be created');
  delete object.metadata.resourceVersion;
}

function existsError(parts: StoreParts, key: ObjectKey, base: string): StatusError {
  const error =
    base === ''
      ? statusErrors.alreadyExists(parts.resource, key.name)
      : new StatusError(
          failure({
            reason: 'AlreadyExists',
            message: `${groupResourceName(parts.resource)} "${key.name}" already exists, the server was not able to generate a unique name for the object`,
            details: {
              name: key.name,
              ...(parts.resource.group === '' ? {} : { group: parts.resource.group }),
              kind: parts.resource.resource,
              retryAfterSeconds: 1,
            },
          }),
        );
  const there = parts.storage.newest(key)?.parse() as KubeObject | undefined;
  if (there?.metadata.deletionTimestamp === undefined) return error;
  return new StatusError({ ...error.status, message: `object is being deleted: ${error.status.message ?? ''}` });
}
