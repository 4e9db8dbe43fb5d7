import type { corev1 } from '@reckon/api/types';
import type { Claim, StatefulSet } from './stateful-set';

/** `data-web-0` */
export const claimName = (set: StatefulSet, template: corev1.PersistentVolumeClaim, ordinal: number): string =>
  `${template.metadata.name ?? ''}-${set.metadata.name ?? ''}-${String(ordinal)}`;

/** The claims of the pod of a number, as they are to be created (statefulset `getPersistentVolumeClaims`). */
export function claimsOf(set: StatefulSet, ordinal: number): Claim[] {
  return (set.spec?.volumeClaimTemplates ?? []).map((template) => {
    const labels = { ...template.metadata.labels, ...set.spec?.selector?.matchLabels };
    return {
      ...template,
      metadata: {
        ...template.metadata,
        name: claimName(set, template, ordinal),
        namespace: set.metadata.namespace ?? '',
        ...(Object.keys(labels).length === 0 ? {} : { labels }),
      },
    };
  });
}

/** Whether a claim's name is one that a pod of the set would have. */
export function isClaimOf(set: StatefulSet, { metadata: { name = '' } }: Claim): boolean {
  return (set.spec?.volumeClaimTemplates ?? []).some((template) => {
    const prefix = `${template.metadata.name ?? ''}-${set.metadata.name ?? ''}-`;
    return name.startsWith(prefix) && /^[0-9]+$/.test(name.slice(prefix.length));
  });
}
