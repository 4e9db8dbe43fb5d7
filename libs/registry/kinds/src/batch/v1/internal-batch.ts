import { renderedMap } from '@reckon/api/machinery';
import type { batchv1, corev1 } from '@reckon/api/types';
import { internalForm } from '../../core/v1/pod/internal-form';
import { internalShapes } from '../../internal-shape';

/** Parts of a job as upstream's messages show them (pkg/apis/batch/types.go). */
const shapeOf = internalShapes({
  PodFailurePolicy: 'Rules:[]PodFailurePolicyRule',
  PodFailurePolicyRule: 'Action:string OnExitCodes:*OnExitCodes OnPodConditions:[]OnPodConditions',
  OnExitCodes: 'ContainerName:* Operator:string Values:[]',
  OnPodConditions: 'Type:string Status:string',
  SuccessPolicy: 'Rules:[]SuccessPolicyRule',
  SuccessPolicyRule: 'SucceededIndexes:* SucceededCount:*',
  UncountedTerminatedPods: 'Succeeded:[] Failed:[]',
});

export const internalFailurePolicy = (policy: batchv1.PodFailurePolicy | undefined): object | null =>
  policy === undefined ? null : shapeOf('PodFailurePolicy', policy);

export const internalSuccessPolicy = (policy: batchv1.SuccessPolicy | undefined): object | null =>
  policy === undefined ? null : shapeOf('SuccessPolicy', policy);

export const internalUncountedPods = (pods: batchv1.UncountedTerminatedPods): object =>
  shapeOf('UncountedTerminatedPods', pods);

/** The metadata of a template has no name of its own inside. */
export function internalTemplate({ metadata, spec }: corev1.PodTemplateSpec): object {
  const { labels, annotations, ...rest } = metadata ?? {};
  return {
    ...rest,
    ...(isEmpty(labels) ? {} : { labels: renderedMap(labels) }),
    ...(isEmpty(annotations) ? {} : { annotations: renderedMap(annotations) }),
    Spec: internalForm('PodSpec', spec ?? {}),
  };
}

const isEmpty = (map: Readonly<Record<string, string>> | undefined): boolean => Object.keys(map ?? {}).length === 0;
