import { createHash } from 'node:crypto';

/** Kinds that upstream stores in a version which it does not serve by default. */
const storedOtherwise: Readonly<Record<string, string>> = {
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy': 'v1beta1',
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding': 'v1beta1',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'v1beta1',
};

/** How clients tell that a resource is stored in another version than before (k8s.io/apiserver/pkg/endpoints/discovery `StorageVersionHash`). */
export function storageVersionHash(group: string, version: string, kind: string): string {
  const id = `${group}/${version}/${kind}`;
  const other = Object.hasOwn(storedOtherwise, id) ? storedOtherwise[id] : undefined;
  return createHash('sha256')
    .update(other === undefined ? id : `${group}/${other}/${kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}
