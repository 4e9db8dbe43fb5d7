import { statusErrors } from '@reckon/api/machinery';
import type { corev1 } from '@reckon/api/types';
import { admissionForbidden } from '../admission-forbidden';
import type { ObjectReader } from '../object-reader';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin';
import { isAbout } from '../target';

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);
const namespaces = { group: '', resource: 'namespaces' };

/**
 * Nothing is made in a namespace that is not there or is going; three namespaces cannot go
 * (k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle).
 */
export function namespaceLifecycle(objects: ObjectReader): AdmissionPlugin {
  function admit(attributes: AdmissionAttributes): void {
    const { operation, namespace, name } = attributes;
    if (isAbout(attributes, '', 'namespaces')) {
      if (operation === 'DELETE' && immortal.has(name))
        throw statusErrors.forbidden(namespaces, name, 'this namespace may not be deleted');
      return;
    }
    if (namespace === '' || operation === 'DELETE') return;
    // An answer about the namespace would tell strangers which ones there are.
    if (isAbout(attributes, 'authorization.k8s.io', 'localsubjectaccessreviews')) return;

    const there = objects.get<corev1.Namespace>(namespaces, '', namespace);
    if (there === undefined) throw statusErrors.notFound(namespaces, namespace);
    if (operation !== 'CREATE' || there.status?.phase !== 'Terminating') return;
    throw admissionForbidden(
      attributes,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    );
  }
  return { name: 'NamespaceLifecycle', handles: (operation) => operation !== 'CONNECT', admit };
}
