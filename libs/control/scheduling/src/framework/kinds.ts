import type { KubeObject } from '@reckon/api/machinery';
import type { appsv1, corev1, policyv1 } from '@reckon/api/types';
import type { ResourceRef } from '@reckon/client/rest';

export type Pod = corev1.Pod & KubeObject;
export type Node = corev1.Node & KubeObject;
export type Service = corev1.Service & KubeObject;
export type ReplicaSet = appsv1.ReplicaSet & KubeObject;
export type PodDisruptionBudget = policyv1.PodDisruptionBudget & KubeObject;

export const podDisruptionBudgets: ResourceRef = {
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
};

export const podKey = (pod: Pod): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name ?? ''}`;
