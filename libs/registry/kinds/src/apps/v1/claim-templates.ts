import { type FieldPath, goQuote, parseQuantity, quantityMilliValue } from '@reckon/api/machinery';
import type { appsv1, corev1 } from '@reckon/api/types';
import { roundResourceList } from '../../core/v1/resource-list';

/** The claims that a StatefulSet makes for its pods: whole objects inside of another one. */

/** SetDefaults_PersistentVolumeClaim and its spec's; they always say what they are (Convert_apps_StatefulSetSpec_To_v1). */
export function setClaimTemplateDefaults(claim: corev1.PersistentVolumeClaim): void {
  if (claim.apiVersion !== 'v1') claim.apiVersion = 'v1';
  if (claim.kind !== 'PersistentVolumeClaim') claim.kind = 'PersistentVolumeClaim';
  const spec = (claim.spec ??= {});
  spec.volumeMode ??= 'Filesystem';
  roundResourceList(spec.resources?.limits);
  roundResourceList(spec.resources?.requests);
  const status = (claim.status ??= {});
  if (!status.phase) status.phase = 'Pending';
  roundResourceList(status.capacity);
  roundResourceList(status.allocatedResources);
}

/** GetWarningsForPersistentVolumeClaimSpec: bytes come whole. */
export function claimTemplateWarnings({ spec }: corev1.PersistentVolumeClaim, path: FieldPath): string[] {
  const warnings: string[] = [];
  for (const list of ['requests', 'limits'] as const) {
    const quantity = spec?.resources?.[list]?.['storage'];
    if (quantity !== undefined && quantityMilliValue(parseQuantity(quantity)) % 1000n !== 0n)
      warnings.push(
        `${path.child('resources', list).key('storage').toString()}: fractional byte value ${goQuote(quantity)} is invalid, must be an integer`,
      );
  }
  return warnings;
}

/**
 * The template as its pods will have it, of which upstream validates no more: each claim is a volume of its name, which takes
 * the place of any other of that name, and the controller names host and domain itself (`volumesToAddForTemplates`).
 */
export function templateWithClaims({ template, volumeClaimTemplates }: appsv1.StatefulSetSpec): corev1.PodTemplateSpec {
  const names = new Set((volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? ''));
  const spec = template?.spec;
  if (spec === undefined || (names.size === 0 && !spec.hostname && !spec.subdomain)) return template ?? {};
  const rest = { ...spec };
  delete rest.hostname;
  delete rest.subdomain;
  if (names.size === 0) return { ...template, spec: rest };
  return {
    ...template,
    spec: {
      ...rest,
      volumes: [
        ...[...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
        ...(spec.volumes ?? []).filter(({ name }) => !names.has(name)),
      ],
    },
  };
}
