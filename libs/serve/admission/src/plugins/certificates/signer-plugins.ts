import { goQuote, semanticEqual } from '@reckon/api/machinery';
import type { certificatesv1 } from '@reckon/api/types';
import type { Authorizer } from '@reckon/serve/authz';
import { admissionForbidden } from '../../admission-forbidden';
import type { AdmissionAttributes, AdmissionPlugin } from '../../plugin';
import { isAbout } from '../../target';
import { type SignerVerb, mayUseSigner } from './signer-rights';

type Request = certificatesv1.CertificateSigningRequest;
type Rights = Pick<Authorizer, 'authorize'>;

/** By the stored request: its signer is not the client's to change. */
function demand(rights: Rights, attributes: AdmissionAttributes, verb: SignerVerb): void | Promise<void> {
  const signer = (attributes.oldObject as Request | undefined)?.spec.signerName ?? '';
  const settle = (allowed: boolean): void => {
    if (!allowed)
      throw admissionForbidden(attributes, `user not permitted to ${verb} requests with signerName ${goQuote(signer)}`);
  };
  const allowed = mayUseSigner(rights, attributes.ctx.user, verb, signer);
  return allowed instanceof Promise ? allowed.then(settle) : settle(allowed);
}

const isThrough = (attributes: AdmissionAttributes, subresource: string): boolean =>
  attributes.subresource === subresource && isAbout(attributes, 'certificates.k8s.io', 'certificatesigningrequests');

/** Only who may approve for a signer approves or denies (plugin/pkg/admission/certificates/approval). */
export const certificateApproval = (rights: Rights): AdmissionPlugin => ({
  name: 'CertificateApproval',
  handles: (operation) => operation === 'UPDATE',
  validate: (attributes) => (isThrough(attributes, 'approval') ? demand(rights, attributes, 'approve') : undefined),
});

/** Only who may sign for a signer issues certificates or reports on them (plugin/pkg/admission/certificates/signing). */
export const certificateSigning = (rights: Rights): AdmissionPlugin => ({
  name: 'CertificateSigning',
  handles: (operation) => operation === 'UPDATE',
  validate(attributes) {
    if (!isThrough(attributes, 'status')) return undefined;
    const [now, before] = [attributes.object, attributes.oldObject].map(
      (object) => (object as Request | undefined)?.status,
    );
    const isUnchanged =
      (now?.certificate ?? '') === (before?.certificate ?? '') && semanticEqual(now?.conditions, before?.conditions);
    return isUnchanged ? undefined : demand(rights, attributes, 'sign');
  },
});
