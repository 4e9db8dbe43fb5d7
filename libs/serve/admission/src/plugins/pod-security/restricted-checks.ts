import type { corev1 } from '@reckon/api/types';
import { seccompProfile } from './baseline-checks';
import {
  type CheckedPod,
  containerList,
  containersOf,
  namesWhere,
  plural,
  quoted,
  settersText,
  sorted,
  type Violation,
} from './pod-check';

export function allowPrivilegeEscalation({ spec }: CheckedPod): Violation | undefined {
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containerList(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

export function fewCapabilities({ spec }: CheckedPod): Violation | undefined {
  const undropped = namesWhere(
    spec,
    ({ securityContext }) => securityContext?.capabilities?.drop?.includes('ALL') !== true,
  );
  const added = ({ securityContext }: corev1.Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
  const adding = namesWhere(spec, (container) => added(container).length > 0);
  const details = [
    ...(undropped.length > 0 ? [`${containerList(undropped)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [
          `${containerList(adding)} must not include ${quoted(sorted(containersOf(spec).flatMap(added)))} in securityContext.capabilities.add`,
        ]
      : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

const plainVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const satisfies readonly (keyof corev1.Volume)[];

/** In the order in which a volume of two types is named. */
const otherVolumes = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const satisfies readonly (keyof corev1.Volume)[];

export function restrictedVolumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => !plainVolumes.some((type) => volume[type] != null));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((volume) => otherVolumes.find((type) => volume[type] != null) ?? 'unknown'));
  return {
    reason: 'restricted volume types',
    detail:
      `${plural(bad.length, 'volume')} ${quoted(bad.map(({ name }) => name))} ${plural(bad.length, 'uses', 'use')} ` +
      `${plural(types.length, 'restricted volume type')} ${quoted(types)}`,
  };
}

export function runAsNonRoot({ spec }: CheckedPod): Violation | undefined {
  const reason = 'runAsNonRoot != true';
  const own = spec.securityContext?.runAsNonRoot;
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  if (own === false || bad.length > 0)
    return { reason, detail: `${settersText(own === false, bad)} must not set securityContext.runAsNonRoot=false` };
  const silent = own === true ? [] : namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot == null);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${containerList(silent)} must set securityContext.runAsNonRoot=true` };
}

export function runAsUser({ spec }: CheckedPod): Violation | undefined {
  const isPodBad = spec.securityContext?.runAsUser === 0;
  const bad = namesWhere(spec, ({ securityContext }) => securityContext?.runAsUser === 0);
  if (!isPodBad && bad.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${settersText(isPodBad, bad)} must not set runAsUser=0` };
}

/** A good one must be said, for the pod or each of its containers. */
export function seccompProfileSet(pod: CheckedPod): Violation | undefined {
  const wrong = seccompProfile(pod);
  if (wrong !== undefined) return wrong;
  const { spec } = pod;
  if (spec.securityContext?.seccompProfile != null) return undefined;
  const silent = namesWhere(spec, ({ securityContext }) => securityContext?.seccompProfile == null);
  if (silent.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${containerList(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}
