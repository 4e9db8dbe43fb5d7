import { semanticEqual } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { ControllerRevision } from './revision';

/**
 * What a revision remembers: the strategic merge patch that brings the pod template back, and nothing else. `kubectl rollout undo`
 * sends it as it is, so its form is part of the API (upstream's `getPatch` in pkg/controller/{statefulset,daemon}).
 */
export interface TemplatePatch {
  readonly spec: { readonly template: corev1.PodTemplateSpec & { $patch: 'replace' } };
}

/** With sorted keys, as Go writes a map: kubectl compares it byte by byte with what it makes itself. */
export const templatePatch = (template: corev1.PodTemplateSpec): TemplatePatch =>
  sorted({ spec: { template: { metadata: {}, ...template, $patch: 'replace' } } }) as TemplatePatch;

/** The template that a revision holds; undefined if its data is not of our making. */
export function templateOf({ data }: Pick<ControllerRevision, 'data'>): corev1.PodTemplateSpec | undefined {
  const template = field(field(data, 'spec'), 'template');
  if (typeof template !== 'object' || template === null) return undefined;
  const copy: Partial<TemplatePatch['spec']['template']> = { ...template };
  delete copy.$patch;
  return copy;
}

/**
 * Whether a revision holds this template. By meaning, not by bytes: what one version of Kubernetes wrote in its way must not roll out
 * every pod anew under the next.
 */
export const holdsTemplate = (revision: Pick<ControllerRevision, 'data'>, patch: TemplatePatch): boolean =>
  semanticEqual(templateOf(revision), templateOf({ data: patch }));

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .filter((key) => fields[key] !== undefined && fields[key] !== null)
      .map((key) => [key, sorted(fields[key])]),
  );
}
