import type { Pki } from '@reckon/pki';
import { serviceAccountIssuer } from './service-account-issuer';

/** How the tokens of service accounts are signed and known. */
export interface ServiceAccountKeys {
  /** Private key, PEM. */
  readonly signingKeyPem: string;
  /** Further keys (public or private, PEM) that tokens may be signed with. */
  readonly keyPems: readonly string[];
  /** The first is written into tokens; the others are accepted. */
  readonly issuers: readonly string[];
  /** Audiences of tokens for this server; the issuers when empty. */
  readonly audiences: readonly string[];
  /** Where others find the keys; default: at this server. */
  readonly jwksUri?: string;
  readonly extendExpiration: boolean;
  readonly maxExpirationSeconds?: number;
  /** Whether tokens from Secrets need their Secret and their account. Default true. */
  readonly lookup?: boolean;
}

/** Those of a data directory. */
export const ownServiceAccountKeys = (pki: Pki): ServiceAccountKeys => ({
  signingKeyPem: pki.serviceAccountKeyPem,
  keyPems: [],
  issuers: [serviceAccountIssuer],
  audiences: [],
  extendExpiration: true,
});
