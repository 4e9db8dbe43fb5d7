import { statusErrors } from '@reckon/api/machinery';
import { evaluatorOf } from '@reckon/api/quota';
import type { corev1 } from '@reckon/api/types';
import { plainFailure } from '@reckon/registry/generic';
import { admissionForbidden } from '../../admission-forbidden';
import type { ObjectReader } from '../../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { podOf } from '../../target';
import { readTolerations, type TolerationSettings } from './pod-toleration-configuration';
import { isWithin, mergeTolerations } from './tolerations';

type Toleration = corev1.Toleration;

const most = 1000;
const namespaces = { group: '', resource: 'namespaces' };
const defaultsKey = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const allowedKey = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';

/** Who asked for memory may stay on a node that runs out of it. */
const memoryPressure: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Gives pods the tolerations of their namespace and keeps them to those it allows (plugin/pkg/admission/podtolerationrestriction). */
export function podTolerationRestriction(objects: ObjectReader, settings: TolerationSettings): AdmissionPlugin {
  function annotated(name: string, key: string): readonly Toleration[] | undefined {
    const namespace = objects.get<corev1.Namespace>(namespaces, '', name);
    if (namespace === undefined) throw statusErrors.notFound(namespaces, name);
    const annotations = namespace.metadata.annotations ?? {};
    const text = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (text === undefined) return undefined;
    const tolerations = readTolerations(text);
    if (tolerations === undefined) throw plainFailure(`namespace ${name}: annotation ${key} is no list of tolerations`);
    return tolerations;
  }

  function validate(attributes: AdmissionAttributes): void {
    const tolerations = podOf(attributes)?.spec?.tolerations ?? [];
    if (tolerations.length === 0) return;
    const own = annotated(attributes.namespace, allowedKey);
    if (!isWithin(tolerations, own ?? settings.allowed))
      throw plainFailure(
        `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${own === undefined ? 'cluster' : 'namespace'} whitelist`,
      );
  }

  return {
    name: 'PodTolerationRestriction',
    handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
    admit(attributes) {
      const pod = podOf(attributes);
      if (pod?.spec === undefined) return;
      // Each is compared with each: a body full of them must not hold up the server.
      if ((pod.spec.tolerations ?? []).length > most)
        throw admissionForbidden(attributes, `more than ${String(most)} tolerations`);
      const extra: Toleration[] = [];
      if (attributes.operation === 'CREATE')
        extra.push(...(annotated(attributes.namespace, defaultsKey) ?? settings.defaults));
      if (asksForMemory(pod)) extra.push(memoryPressure);
      if (extra.length > 0) {
        const tolerations = mergeTolerations(pod.spec.tolerations ?? [], structuredClone(extra));
        pod.spec = { ...pod.spec, tolerations };
      }
      validate(attributes);
    },
    validate,
  };
}

const podEvaluator = evaluatorOf({ group: '', resource: 'pods' });

const asksForMemory = (pod: corev1.Pod): boolean =>
  podEvaluator?.isInScope(pod, { scopeName: 'NotBestEffort', operator: 'Exists' }) === true;
