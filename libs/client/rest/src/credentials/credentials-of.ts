import type { Clock } from '@reckon/kernel';
import { certificateBeside } from './certificate-beside';
import type { CredentialSource, Credentials } from './credential-source';
import { type ExecCluster, execCredentials } from './exec-credentials';
import type { KubeconfigUser } from './read-user';
import { tokenFile } from './token-file';

/** Credentials that stay, or whence those come that do not. */
export type UserCredentials = { readonly fixed: Credentials } | { readonly source: CredentialSource };

export interface CredentialsOfParts {
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly cluster?: ExecCluster;
}

/**
 * What a user of a kubeconfig shows: a token file goes before a token, and a plugin is asked where neither is there. A certificate from
 * files is followed.
 */
export function credentialsOf(user: KubeconfigUser, parts: CredentialsOfParts): UserCredentials {
  const { certPem, keyPem, certificateFiles: files } = user;
  const others = withoutCertificate(user, parts);
  if (certPem === undefined || keyPem === undefined) return others;
  const first = { certPem, keyPem };
  if (files === undefined && 'fixed' in others) return { fixed: { ...first, ...others.fixed } };
  const beside = 'source' in others ? others.source : unchanging(others.fixed);
  return { source: certificateBeside(beside, { clock: parts.clock, first, files }) };
}

function withoutCertificate(user: KubeconfigUser, { clock, cluster }: CredentialsOfParts): UserCredentials {
  const { token, basic, exec } = user;
  if (user.tokenFile !== undefined) return { source: tokenFile(user.tokenFile, { clock }) };
  if (exec !== undefined && token === undefined && basic === undefined)
    return { source: execCredentials(exec, { clock, ...(cluster === undefined ? {} : { cluster }) }) };
  return { fixed: { ...(token === undefined ? {} : { token }), ...(basic === undefined ? {} : { basic }) } };
}

const unchanging = (credentials: Credentials): CredentialSource => ({
  current: () => credentials,
  refused: () => undefined,
});
