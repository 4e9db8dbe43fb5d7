import type { corev1, schedulingv1 } from '@reckon/api/types';
import { admissionForbidden } from '../admission-forbidden';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { isAbout, podOf } from '../target';

type PriorityClass = schedulingv1.PriorityClass;

const group = 'scheduling.k8s.io';
const classes = { group, resource: 'priorityclasses' };

/** Turns the name of a PriorityClass into its number; keeps the default class the only one (plugin/pkg/admission/priority). */
export function priority(objects: ObjectReader): AdmissionPlugin {
  /** Of several, which a race can make, the lowest counts. */
  function defaultClass(): PriorityClass | undefined {
    let found: PriorityClass | undefined;
    for (const candidate of objects.list<PriorityClass>(classes))
      if (candidate.globalDefault === true && (found === undefined || candidate.value < found.value)) found = candidate;
    return found;
  }

  function classOf(attributes: AdmissionAttributes, spec: corev1.PodSpec): PriorityClass | undefined {
    const name = spec.priorityClassName ?? '';
    if (name === '') return defaultClass();
    const found = objects.get<PriorityClass>(classes, '', name);
    if (found === undefined) throw admissionForbidden(attributes, `no PriorityClass with name ${name} was found`);
    return found;
  }

  function setPriority(attributes: AdmissionAttributes, spec: corev1.PodSpec): void {
    const found = classOf(attributes, spec);
    const value = found?.value ?? 0;
    const policy = found === undefined ? 'PreemptLowerPriority' : found.preemptionPolicy;
    if (found !== undefined) spec.priorityClassName = found.metadata.name ?? '';
    if (spec.priority !== undefined && spec.priority !== value)
      throw admissionForbidden(
        attributes,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    spec.priority = value;
    if (policy === undefined) return;
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
      throw admissionForbidden(
        attributes,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
      );
    spec.preemptionPolicy = policy;
  }

  return {
    name: 'Priority',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    admit(attributes) {
      const spec = podOf(attributes)?.spec;
      if (spec === undefined) return;
      if (attributes.operation === 'CREATE') {
        setPriority(attributes, spec);
        return;
      }
      // A PUT of a pod as it was before its priority was known.
      const old = (attributes.oldObject as corev1.Pod | undefined)?.spec;
      if (old?.priority !== undefined) spec.priority ??= old.priority;
      if (old?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= old.preemptionPolicy;
    },
    validate(attributes) {
      if (attributes.subresource !== '' || !isAbout(attributes, group, 'priorityclasses')) return;
      const given = attributes.object as PriorityClass | undefined;
      if (given?.globalDefault !== true) return;
      const present = defaultClass();
      if (present === undefined) return;
      if (attributes.operation === 'CREATE' || present.metadata.name !== given.metadata.name)
        throw admissionForbidden(
          attributes,
          `PriorityClass ${present.metadata.name ?? ''} is already marked as default. Only one default can exist`,
        );
    },
  };
}
