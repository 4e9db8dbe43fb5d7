import type { RequestContext } from '@reckon/registry/generic';
import type { Authorizer } from '@reckon/serve/authz';

export type SignerVerb = 'approve' | 'sign' | 'attest';

/** The part of a signer's name before the slash. */
const domainOf = (signer: string): string => signer.split('/')[0] ?? '';

/**
 * Whether the user may do this with requests for a signer: by its name, or by `domain/*` for all signers of a domain
 * (pkg/certauthorization `IsAuthorizedForSignerName`).
 */
export function mayUseSigner(
  authorizer: Pick<Authorizer, 'authorize'>,
  user: RequestContext['user'],
  verb: SignerVerb,
  signer: string,
): boolean | Promise<boolean> {
  const ask = (name: string): boolean | Promise<boolean> => {
    const decision = authorizer.authorize({
      user,
      verb,
      isResource: true,
      group: 'certificates.k8s.io',
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
      path: '',
    });
    return decision instanceof Promise ? decision.then(({ allowed }) => allowed) : decision.allowed;
  };
  const named = ask(signer);
  const ofDomain = (): boolean | Promise<boolean> => ask(`${domainOf(signer)}/*`);
  if (named instanceof Promise) return named.then((allowed) => allowed || ofDomain());
  return named || ofDomain();
}
