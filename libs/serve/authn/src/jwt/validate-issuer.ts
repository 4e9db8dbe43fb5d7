import { type FieldError, fieldErrors, type FieldPath } from '@reckon/api/machinery';
import { CertificatePoolError, certificatePool } from '../certificates/certificate-pool';
import { goUrl, GoUrlError } from './go-url';
import type { JwtIssuer } from './jwt-authenticator-config';

/** k8s.io/apiserver/pkg/apis/apiserver/validation `validateIssuer` */
export function validateIssuer(
  issuer: JwtIssuer,
  path: FieldPath,
  disallowed: readonly string[],
  errors: FieldError[],
): void {
  const { url, discoveryURL } = issuer;
  if (url === '') errors.push(fieldErrors.required(path.child('url')));
  else validateUrl(url, path.child('url'), disallowed, errors);
  if (discoveryURL !== '') {
    const at = path.child('discoveryURL');
    if (url !== '' && withoutSlashes(url) === withoutSlashes(discoveryURL))
      errors.push(fieldErrors.invalid(at, discoveryURL, 'discoveryURL must be different from URL'));
    validateUrl(discoveryURL, at, [], errors);
  }
  validateAudiences(issuer, path, errors);
  validateAuthority(issuer.certificateAuthority, path.child('certificateAuthority'), errors);
  const selector = issuer.egressSelectorType;
  if (!['', 'controlplane', 'cluster'].includes(selector))
    errors.push(
      fieldErrors.invalid(
        path.child('egressSelectorType'),
        selector,
        'egress selector must be either controlplane or cluster',
      ),
    );
}

const withoutSlashes = (url: string): string => url.replace(/\/+$/, '');

function validateUrl(text: string, path: FieldPath, disallowed: readonly string[], errors: FieldError[]): void {
  const refuse = (detail: string): void => {
    errors.push(fieldErrors.invalid(path, text, detail));
  };
  if (disallowed.includes(text))
    refuse(`URL must not overlap with disallowed issuers: [${[...disallowed].sort().join(' ')}]`);
  try {
    const url = goUrl(text);
    if (url.scheme !== 'https') refuse('URL scheme must be https');
    if (url.hasUser) refuse('URL must not contain a username or password');
    if (url.query !== '') refuse('URL must not contain a query');
    if (url.fragment !== '') refuse('URL must not contain a fragment');
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    refuse(error.message);
  }
}

function validateAudiences({ audiences, audienceMatchPolicy }: JwtIssuer, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('audiences');
  if (audiences.length === 0) {
    errors.push(fieldErrors.required(at, `at least one ${at.toString()} is required`));
    return;
  }
  const seen = new Set<string>();
  for (const [i, audience] of audiences.entries()) {
    if (audience === '') errors.push(fieldErrors.required(at.index(i)));
    if (seen.has(audience)) errors.push(fieldErrors.duplicate(at.index(i), audience));
    seen.add(audience);
  }
  const isAny = audienceMatchPolicy === 'MatchAny';
  if (audiences.length > 1 && !isAny)
    errors.push(
      fieldErrors.invalid(
        path.child('audienceMatchPolicy'),
        audienceMatchPolicy,
        'audienceMatchPolicy must be MatchAny for multiple audiences',
      ),
    );
  if (audiences.length === 1 && audienceMatchPolicy !== '' && !isAny)
    errors.push(
      fieldErrors.invalid(
        path.child('audienceMatchPolicy'),
        audienceMatchPolicy,
        'audienceMatchPolicy must be empty or MatchAny for single audience',
      ),
    );
}

function validateAuthority(pem: string, path: FieldPath, errors: FieldError[]): void {
  if (pem === '') return;
  try {
    certificatePool(pem);
  } catch (error) {
    if (!(error instanceof CertificatePoolError)) throw error;
    errors.push(fieldErrors.invalid(path, '<omitted>', error.message));
  }
}
