import { goQuote, type KubeObject, semanticEqual } from '@reckon/api/machinery';
import type { Authorizer } from '@reckon/serve/authz';
import { admissionForbidden } from '../../admission-forbidden';
import type { AdmissionPlugin } from '../../plugin';
import { isAbout } from '../../target';
import { mayUseSigner } from './signer-rights';

/** Only who may attest for a signer publishes what to trust of it (plugin/pkg/admission/certificates/ctbattest). */
export const clusterTrustBundleAttest = (rights: Pick<Authorizer, 'authorize'>): AdmissionPlugin => ({
  name: 'ClusterTrustBundleAttest',
  handles: (operation) => operation === 'CREATE' || operation === 'UPDATE',
  validate(attributes) {
    const { object, oldObject, operation, ctx } = attributes;
    if (object === undefined || !isAbout(attributes, 'certificates.k8s.io', 'clustertrustbundles')) return undefined;
    const { signerName = '' } = (object['spec'] ?? {}) as { readonly signerName?: string };
    if (signerName === '') return undefined;
    if (operation === 'UPDATE' && oldObject !== undefined && isCleaningOnly(object, oldObject)) return undefined;
    const settle = (allowed: boolean): void => {
      if (!allowed)
        throw admissionForbidden(attributes, `user not permitted to attest for signerName ${goQuote(signerName)}`);
    };
    const allowed = mayUseSigner(rights, ctx.user, 'attest', signerName);
    if (allowed instanceof Promise) return allowed.then(settle);
    settle(allowed);
    return undefined;
  },
});

/** `IsOnlyMutatingGCFields` */
function isCleaningOnly(object: KubeObject, old: KubeObject): boolean {
  const { ownerReferences, finalizers, managedFields } = object.metadata;
  return semanticEqual(object, { ...old, metadata: { ...old.metadata, ownerReferences, finalizers, managedFields } });
}
