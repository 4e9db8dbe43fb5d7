import { newControllerReference } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import type { Pod } from '../replica-set/pod-state';
import {
  completionIndexKey,
  failureCount,
  failureCountKey,
  ignoredFailureCount,
  ignoredFailureCountKey,
} from './completion-index';
import { type Job, backoffLimitPerIndexOf, jobType, trackingFinalizer } from './job';
import { matchPodFailurePolicy } from './pod-failure-policy';

/** Of a name without its random end (k8s.io/apiserver/pkg/storage/names.MaxGeneratedNameLength). */
const longestPrefix = 58;

const indexVariable = 'JOB_COMPLETION_INDEX';

/** A pod by the job's template; one of an indexed job knows its index, and how often the one that it replaces failed before. */
export function podOf(job: Job, index?: number, replaced?: Pod): Pod {
  const { metadata = {}, spec } = job.spec?.template ?? {};
  const { name = '', namespace = '' } = job.metadata;
  const labels = index === undefined ? metadata.labels : { ...metadata.labels, [completionIndexKey]: String(index) };
  const annotations =
    index === undefined ? metadata.annotations : { ...metadata.annotations, ...indexAnnotations(job, index, replaced) };
  const podSpec = spec === undefined || index === undefined ? spec : indexedSpec(spec, `${name}-${String(index)}`);
  return {
    metadata: {
      generateName: index === undefined ? `${name}-` : indexedPrefix(name, index),
      namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      finalizers: [...(metadata.finalizers ?? []).filter((f) => f !== trackingFinalizer), trackingFinalizer],
      ownerReferences: [newControllerReference(job, jobType)],
    },
    ...(podSpec === undefined ? {} : { spec: podSpec }),
  };
}

/** The index stays whole where the job's name must be cut. */
function indexedPrefix(name: string, index: number): string {
  const end = `-${String(index)}-`;
  return `${name.slice(0, longestPrefix - end.length)}${end}`;
}

function indexAnnotations(job: Job, index: number, replaced: Pod | undefined): Record<string, string> {
  const own = { [completionIndexKey]: String(index) };
  if (backoffLimitPerIndexOf(job) === undefined) return own;
  if (replaced === undefined) return { ...own, [failureCountKey]: '0' };
  const counts = matchPodFailurePolicy(job.spec?.podFailurePolicy, replaced).counts;
  const ignored = ignoredFailureCount(replaced) + (counts ? 0 : 1);
  return {
    ...own,
    [failureCountKey]: String(failureCount(replaced) + (counts ? 1 : 0)),
    ...(ignored === 0 ? {} : { [ignoredFailureCountKey]: String(ignored) }),
  };
}

/** Pods of a headless service find one another by their index. */
function indexedSpec(spec: corev1.PodSpec, hostname: string): corev1.PodSpec {
  const { initContainers, containers } = spec;
  return {
    ...spec,
    hostname,
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndexVariable) }),
    containers: containers.map(withIndexVariable),
  };
}

function withIndexVariable(container: corev1.Container): corev1.Container {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === indexVariable)) return container;
  const fieldPath = `metadata.labels['${completionIndexKey}']`;
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef: { fieldPath } } }] };
}
