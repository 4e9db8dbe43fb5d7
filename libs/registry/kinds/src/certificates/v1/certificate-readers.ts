/** What is known of X.509 elsewhere: each answers what is wrong, in the words that clients are to see. */
export interface CertificateReaders {
  /** Of a PKCS #10 request in PEM: how it cannot be read, or that its signature does not match. */
  requestProblem(pem: string): string | undefined;
  /** Of the certificates in PEM that a signer issued. */
  certificatesProblem(pem: string): string | undefined;
}

/** A server without X.509 takes them as they are. */
export const noCertificateReaders: CertificateReaders = {
  requestProblem: () => undefined,
  certificatesProblem: () => undefined,
};
