import { DecodeError } from '@reckon/api/kinds';
import { type KubeObject, apiVersionOf, statusErrors } from '@reckon/api/machinery';
import { type Applied, applyConfiguration } from './managed-fields/apply-configuration';
import { appliedProblem, liveProblem } from './managed-fields/check-applied';
import { KeylessItemError } from './managed-fields/path-elements';
import type { VersionForm } from './managed-fields/version-form';
import { conversionProblem } from './patch/conversion-problem';
import type { RequestContext } from './request-context';
import { plainFailure } from './storage-to-status';
import type { StoreParts } from './store-parts';
import type { Strategy } from './strategy';

/** A configuration as it was sent, and what to do with it. */
export interface ApplyRequest {
  /** Any JSON object; of the row's version. */
  readonly config: KubeObject;
  /** Takes over what others own instead of refusing. */
  readonly isForced: boolean;
  /** Brings the merged document into the row's canonical form. Throws DecodeError where it does not fit. */
  readonly restore: (document: KubeObject) => KubeObject;
}

/** Makes the object, in its stored form, that a configuration wants. Throws StatusError. */
export type ApplyToCurrent = (request: ApplyRequest) => KubeObject;

export interface ApplyCall {
  readonly parts: StoreParts;
  readonly strategy: Strategy;
  readonly ctx: RequestContext;
  readonly subresource: string;
}

/** Server-side apply over `current` in its stored form; undefined: over nothing (endpoints/handlers `applyPatcher`). */
export function applyTo(call: ApplyCall, current: KubeObject | undefined, request: ApplyRequest): KubeObject {
  const { parts, strategy, ctx, subresource } = call;
  const { row, kinds, servedFieldsType: type } = parts;
  const { config } = request;
  refuseOtherKind(call, config);

  const shown = `${text(config.metadata, 'namespace')}/${text(config.metadata, 'name')}; ${kindText(config)}`;
  const live = current === undefined ? undefined : kinds.converters.convert(current, row);
  refuseUntrackable(parts, live, shown);
  const problem = appliedProblem(kinds.types, parts.fieldsTypes, row.type, config);
  if (problem !== undefined) throw plainFailure(`failed to create typed patch object (${shown}): ${problem}`);

  const { document, managedFields } = applied(parts, live, shown, () =>
    applyConfiguration(type, live, config, {
      manager: ctx.fieldManager,
      subresource,
      apiVersion: apiVersionOf(row),
      nowMs: ctx.nowMs,
      resetFields: strategy.resetFields,
      isForced: request.isForced,
      formOf: (apiVersion) => formOf(parts, apiVersion),
    }),
  );
  const restored = restore(parts, request, document, shown);
  const object = kinds.converters.convert(restored, row.storage);
  if (managedFields.length === 0) delete object.metadata.managedFields;
  else object.metadata.managedFields = managedFields;
  return object;
}

/** A live object may be in no form that can be merged with: updates take what apply does not. */
function applied(parts: StoreParts, live: KubeObject | undefined, shown: string, run: () => Applied): Applied {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof KeylessItemError)) throw error;
    const why = liveProblem(parts.kinds.types, parts.fieldsTypes, parts.row.type, live) ?? error.message;
    throw plainFailure(`failed to create typed live object (${shown}): ${why}`);
  }
}

/** Before anything else an object that nobody was tracked on gets its owner (managedfields `skipNonAppliedManager.Apply`). */
function refuseUntrackable(parts: StoreParts, live: KubeObject | undefined, shown: string): void {
  if (live === undefined || (live.metadata.managedFields?.length ?? 0) > 0) return;
  const why = liveProblem(parts.kinds.types, parts.fieldsTypes, parts.row.type, live);
  if (why !== undefined)
    throw plainFailure(
      `failed to create manager for existing fields: failed to convert new object (${shown}) to smd typed: ${why}`,
    );
}

/** apimachinery/pkg/util/managedfields/internal `versionCheckManager`, `structuredMergeManager.Apply` */
function refuseOtherKind({ parts: { row } }: ApplyCall, config: KubeObject): void {
  if (config.apiVersion !== apiVersionOf(row) || config.kind !== row.kind)
    throw statusErrors.badRequest(`invalid object type: ${kindText(config)}`);
  const metadata: unknown = config.metadata;
  if (typeof metadata !== 'object' || metadata === null || !Object.hasOwn(metadata, 'managedFields')) return;
  if (Array.isArray((metadata as { managedFields: unknown }).managedFields))
    throw statusErrors.badRequest('metadata.managedFields must be nil');
}

function restore(parts: StoreParts, request: ApplyRequest, document: KubeObject, shown: string): KubeObject {
  try {
    return request.restore(document);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const why = conversionProblem(parts.kinds.types, parts.row.type, document) ?? error.message;
    throw plainFailure(`failed to convert new typed object (${shown}) to object: ${why}`);
  }
}

/** The versions that share this one's objects. */
function formOf(parts: StoreParts, apiVersion: string): VersionForm | undefined {
  const { row, kinds } = parts;
  if (apiVersion === apiVersionOf(row)) return { plan: parts.servedFieldsType.plan, to: same, from: same };
  const { group, version } = groupVersionOf(apiVersion);
  const other = kinds.kind(group, version, row.kind);
  const isShared =
    other?.storage.group === row.storage.group &&
    other.storage.version === row.storage.version &&
    other.storage.resource === row.storage.resource;
  if (!isShared) return undefined;
  const through = (object: KubeObject, to: { readonly group: string; readonly version: string }): KubeObject => {
    try {
      return kinds.converters.convert(kinds.converters.convert(object, row.storage), to);
    } catch (error) {
      // What was applied is looked at in the versions of all owners before its own form is.
      if (!(error instanceof RangeError)) throw error;
      const why = conversionProblem(kinds.types, row.type, object) ?? error.message;
      throw plainFailure(`failed to convert new object: ${why}`);
    }
  };
  return {
    plan: parts.fieldsTypes(other.type).plan,
    to: (object) => through(object, other),
    from: (object) => through(object, row),
  };
}

const same = (object: KubeObject): KubeObject => object;

function groupVersionOf(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** As Go prints a GroupVersionKind: `/v1, Kind=Pod`. */
function kindText(config: KubeObject): string {
  const { group, version } = groupVersionOf(text(config, 'apiVersion'));
  return `${group}/${version}, Kind=${text(config, 'kind')}`;
}

/** What a body says there, '' if it is no text: nothing is known of its form yet. */
function text(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return '';
  const member = (value as Record<string, unknown>)[name];
  return typeof member === 'string' ? member : '';
}
