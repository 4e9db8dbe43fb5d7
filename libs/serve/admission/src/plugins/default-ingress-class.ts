import type { networkingv1 } from '@reckon/api/types';
import type { ObjectReader } from '../object-reader';
import type { AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const group = 'networking.k8s.io';
const classes = { group, resource: 'ingressclasses' };
const isDefault = 'ingressclass.kubernetes.io/is-default-class';
const classAnnotation = 'kubernetes.io/ingress.class';

/** An Ingress that names no class gets the default one (plugin/pkg/admission/network/defaultingressclass). */
export function defaultIngressClass(objects: ObjectReader): AdmissionPlugin {
  /** Of several the newest; of equally old ones the first by name, the order in which they come. */
  function defaultClass(): networkingv1.IngressClass | undefined {
    let found: networkingv1.IngressClass | undefined;
    for (const candidate of objects.list<networkingv1.IngressClass>(classes)) {
      if (candidate.metadata.annotations?.[isDefault] !== 'true') continue;
      if (found === undefined || createdAt(candidate) > createdAt(found)) found = candidate;
    }
    return found;
  }

  return {
    name: 'DefaultIngressClass',
    handles: (operation) => operation === 'CREATE',
    admit(attributes) {
      if (attributes.subresource !== '' || !isAbout(attributes, group, 'ingresses')) return;
      const ingress = attributes.object as networkingv1.Ingress | undefined;
      if (ingress === undefined || ingress.spec?.ingressClassName !== undefined) return;
      if (Object.hasOwn(ingress.metadata.annotations ?? {}, classAnnotation)) return;
      const name = defaultClass()?.metadata.name;
      if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name };
    },
  };
}

const createdAt = ({ metadata }: networkingv1.IngressClass): number =>
  Date.parse(metadata.creationTimestamp ?? '') || 0;
