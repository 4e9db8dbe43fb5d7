import type { Clock } from '@reckon/kernel';
import type { ClientConfig } from '../client-config';
import { authoritiesAgain } from './authorities';
import { readPair } from './certificate-beside';
import { followed } from './followed';

/** By which authorities a server is known, and by which certificate we are. */
export type ConnectionPems = Pick<ClientConfig, 'caPem' | 'certPem' | 'keyPem'>;

/** Those of a configuration as they are now: from files they are followed. The answer is the same object while nothing changed. */
export function connectionPems(config: ClientConfig, clock: Pick<Clock, 'nowMs'>): () => ConnectionPems {
  const { caPem, certPem, keyPem, caFile, certificateFiles } = config;
  let current: ConnectionPems = config;
  if (caFile === undefined && certificateFiles === undefined) return () => current;
  const authorities = followed(caPem, clock, () => (caFile === undefined ? undefined : authoritiesAgain(caFile)));
  const certificate = followed<Pick<ConnectionPems, 'certPem' | 'keyPem'>>(
    { ...(certPem === undefined ? {} : { certPem }), ...(keyPem === undefined ? {} : { keyPem }) },
    clock,
    () => (certificateFiles === undefined ? undefined : readPair(certificateFiles)),
  );
  return () => {
    const ca = authorities();
    const shown = certificate();
    if (ca !== current.caPem || shown.certPem !== current.certPem || shown.keyPem !== current.keyPem)
      current = { ...(ca === undefined ? {} : { caPem: ca }), ...shown };
    return current;
  };
}
