import { fieldPath, validateDns1123Label } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { podTemplateWarnings } from '../../core/v1/pod/pod.warnings';

/** A workload's name becomes the start of its pods' names, which become host names. */
export function workloadNameWarnings(name: string | undefined): string[] {
  const messages = validateDns1123Label(name ?? '');
  if (messages.length === 0) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
  ];
}

export function templateWarnings(template: corev1.PodTemplateSpec | undefined): string[] {
  return template ? podTemplateWarnings(template, fieldPath('spec', 'template')) : [];
}
