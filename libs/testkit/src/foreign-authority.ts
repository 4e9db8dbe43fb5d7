import { systemClock } from '@reckon/kernel';
import { type Credential, type LeafRequest, createAuthority, issue } from '@reckon/pki';

/** An authority of one's own, such as an administrator keeps: for certificates that a server is told to use or to trust. */
export interface ForeignAuthority extends Credential {
  issue(request: Omit<LeafRequest, 'clock'>): Credential;
}

export function foreignAuthority(commonName: string): ForeignAuthority {
  return authorityOf(createAuthority({ commonName, clock: systemClock }));
}

/** One whose certificate and key are known, such as a cluster's own. */
export function authorityOf(authority: Credential): ForeignAuthority {
  return { ...authority, issue: (request) => issue(authority, { ...request, clock: systemClock }) };
}
