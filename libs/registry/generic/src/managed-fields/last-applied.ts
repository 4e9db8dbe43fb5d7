import { type KubeObject, goJson } from '@reckon/api/machinery';
import { appliedSet } from './applied-set';
import { compareObjects } from './compare-objects';
import { type FieldSet, difference } from './field-set';
import type { FieldPlan } from './managed-fields-type';

/** Where client-side apply keeps what it applied. */
const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** apimachinery/pkg/api/validation `TotalAnnotationSizeLimitB` */
const annotationsLimitBytes = 256 * 1024;

/**
 * The fields that client-side apply has set and nobody changed since: kubectl may apply over them although they have another
 * manager (apimachinery/pkg/util/managedfields/internal `lastAppliedManager`). undefined when the annotation says nothing of use.
 */
export function allowedFromLastApplied(plan: FieldPlan, apiVersion: string, live: KubeObject): FieldSet | undefined {
  const text = live.metadata.annotations?.[annotation];
  if (text === undefined) return undefined;
  const config = objectOf(text);
  if (config?.['apiVersion'] !== apiVersion) return undefined;
  let fields = appliedSet(plan, config);
  const { changed, removed } = compareObjects(plan, config, live);
  for (const other of [changed, removed])
    if (fields !== undefined && other !== undefined) fields = difference(fields, other);
  return fields;
}

/** Keeps an existing annotation in step with what kubectl applies now (`lastAppliedUpdater`). */
export function withLastApplied(object: KubeObject, config: KubeObject): KubeObject {
  const annotations = object.metadata.annotations;
  if (annotations?.[annotation] === undefined) return object;
  const others = { ...config.metadata.annotations };
  delete others[annotation];
  const stated = config.metadata.annotations === undefined ? config : withAnnotations(config, others);
  const next: Record<string, string> = { ...annotations, [annotation]: `${goJson(sorted(stated))}\n` };
  let bytes = 0;
  for (const [name, value] of Object.entries(next)) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  if (bytes > annotationsLimitBytes) delete next[annotation];
  return withAnnotations(object, next);
}

const withAnnotations = (object: KubeObject, annotations: Record<string, string>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations },
});

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A client may have written anything there; then nothing is known of client-side apply.
    return undefined;
  }
}

/** As Go writes a map. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
