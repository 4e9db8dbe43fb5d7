import { goQuote, semanticEqual } from '@reckon/api/machinery';
import type { corev1, nodev1 } from '@reckon/api/types';
import { admissionForbidden } from '../admission-forbidden';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { podOf } from '../target';

const runtimeClasses = { group: 'node.k8s.io', resource: 'runtimeclasses' };
const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** A pod gets the overhead, node selector and tolerations of its RuntimeClass (plugin/pkg/admission/runtimeclass). */
export function runtimeClass(objects: ObjectReader): AdmissionPlugin {
  function classOf(attributes: AdmissionAttributes, spec: corev1.PodSpec): nodev1.RuntimeClass | undefined {
    if (spec.runtimeClassName === undefined) return undefined;
    const found = objects.get<nodev1.RuntimeClass>(runtimeClasses, '', spec.runtimeClassName);
    if (found === undefined)
      throw admissionForbidden(attributes, `pod rejected: RuntimeClass ${goQuote(spec.runtimeClassName)} not found`);
    return found;
  }

  return {
    name: 'RuntimeClass',
    handles: (operation) => operation === 'CREATE',
    admit(attributes) {
      const spec = podOf(attributes)?.spec;
      const found = spec === undefined ? undefined : classOf(attributes, spec);
      if (spec === undefined || found === undefined) return;
      setOverhead(attributes, spec, found.overhead?.podFixed);
      setScheduling(attributes, spec, found.scheduling);
    },
    validate(attributes) {
      const spec = podOf(attributes)?.spec;
      if (spec === undefined) return;
      const overhead = classOf(attributes, spec)?.overhead;
      const isSet = Object.keys(spec.overhead ?? {}).length > 0;
      if (overhead === undefined && isSet)
        throw admissionForbidden(
          attributes,
          'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
        );
      if (overhead !== undefined && !semanticEqual(overhead.podFixed ?? {}, spec.overhead ?? {}))
        throw admissionForbidden(attributes, mismatch);
    },
  };
}

function setOverhead(
  attributes: AdmissionAttributes,
  spec: corev1.PodSpec,
  podFixed: Record<string, string> | undefined,
): void {
  if (podFixed === undefined) return;
  if (Object.keys(spec.overhead ?? {}).length > 0 && !semanticEqual(spec.overhead, podFixed))
    throw admissionForbidden(attributes, mismatch);
  spec.overhead = { ...podFixed };
}

function setScheduling(
  attributes: AdmissionAttributes,
  spec: corev1.PodSpec,
  scheduling: nodev1.Scheduling | undefined,
): void {
  if (scheduling === undefined) return;
  const merged = new Map(Object.entries(spec.nodeSelector ?? {}));
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = merged.get(key);
    if (own !== undefined && own !== value)
      throw admissionForbidden(
        attributes,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
    merged.set(key, value);
  }
  if (merged.size > 0) spec.nodeSelector = Object.fromEntries(merged);
  for (const toleration of scheduling.tolerations ?? []) {
    const present = (spec.tolerations ??= []);
    if (!present.some((known) => semanticEqual(known, toleration))) present.push({ ...toleration });
  }
}
