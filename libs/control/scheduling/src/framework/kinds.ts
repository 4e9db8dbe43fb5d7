import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1, corev1, policyv1, resourcev1, storagev1 } from '@reckon/api/types';
import type { ResourceRef } from '@reckon/client/rest';

export type Pod = corev1.Pod & KubeObject;
export type Node = corev1.Node & KubeObject;
export type Service = corev1.Service & KubeObject;
export type ReplicaSet = appsv1.ReplicaSet & KubeObject;
export type StatefulSet = appsv1.StatefulSet & KubeObject;
export type ReplicationController = corev1.ReplicationController & KubeObject;
export type PodDisruptionBudget = policyv1.PodDisruptionBudget & KubeObject;
export type CsiNode = storagev1.CSINode & KubeObject;
export type CsiDriver = storagev1.CSIDriver & KubeObject;
export type CsiStorageCapacity = storagev1.CSIStorageCapacity & KubeObject;
export type VolumeAttachment = storagev1.VolumeAttachment & KubeObject;
export type ResourceClaim = resourcev1.ResourceClaim & KubeObject;
export type ResourceSlice = resourcev1.ResourceSlice & KubeObject;
export type DeviceClass = resourcev1.DeviceClass & KubeObject;

export const podDisruptionBudgets: ResourceRef = {
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
};

export const podKey = (pod: Pod): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;
