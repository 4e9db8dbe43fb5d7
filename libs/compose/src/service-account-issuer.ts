/** Upstream's usual `--service-account-issuer`; also the only audience of tokens that name none. */
export const serviceAccountIssuer = 'https://kubernetes.default.svc';
