import type { WallClock } from '@reckon/kernel';
import type { Credential } from '@reckon/pki';
import type { SignerName } from './signer-rules';

export interface CertificateOptions {
  /** Of the certificates, not of the objects. */
  readonly clock: WallClock;
  /** How long a certificate lives at most, `--cluster-signing-duration`. */
  readonly lifetimeMs: number;
  /** With which authority a signer signs, asked each time; undefined: nobody plays this signer. */
  authority(signer: SignerName): Credential | undefined;
}
