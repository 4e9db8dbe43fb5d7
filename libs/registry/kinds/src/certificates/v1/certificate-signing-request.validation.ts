import { fieldErrors, fieldPath } from '@reckon/api/machinery';
import type { certificatesv1 } from '@reckon/api/types';
import { validateSignerName } from '../../core/v1/pod/validation/signer-name';
import type { Errors } from '../../field-checks';
import type { CertificateReaders } from './certificate-readers';
import { validateConditionChanges, validateRequestConditions } from './csr-conditions';

type Request = certificatesv1.CertificateSigningRequest;

/** By their bytes, as they are printed. */
const keyUsages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** Only v1beta1 could ask for it. */
const legacySigner = 'kubernetes.io/legacy-unknown';
const shortestSeconds = 600;

const pemOf = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString('utf8');

/** validateCertificateSigningRequest. */
export function validateRequest(readers: CertificateReaders, request: Request, old: Request | undefined): Errors {
  const errors: Errors = [];
  const path = fieldPath('spec');
  const { spec } = request;
  const problem = readers.requestProblem(pemOf(spec.request));
  if (problem !== undefined) errors.push(fieldErrors.invalid(path.child('request'), spec.request ?? null, problem));
  validateUsages(errors, spec.usages ?? [], old?.spec.usages ?? []);
  const signer = spec.signerName ?? '';
  if (signer === legacySigner && old?.spec.signerName !== legacySigner)
    errors.push(
      fieldErrors.invalid(
        path.child('signerName'),
        signer,
        'the legacy signerName is not allowed via this API version',
      ),
    );
  else validateSignerName(errors, path.child('signerName'), signer);
  const seconds = spec.expirationSeconds;
  if (seconds !== undefined && seconds < shortestSeconds)
    errors.push(
      fieldErrors.invalid(
        path.child('expirationSeconds'),
        seconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    );
  validateRequestConditions(errors, request, old);
  validateCertificate(errors, readers, request, old);
  return errors;
}

function validateUsages(errors: Errors, usages: readonly string[], old: readonly string[]): void {
  const path = fieldPath('spec', 'usages');
  if (usages.length === 0) errors.push(fieldErrors.required(path));
  if (old.every((usage) => keyUsages.includes(usage)))
    for (const [index, usage] of usages.entries())
      if (!keyUsages.includes(usage)) errors.push(fieldErrors.notSupported(path.index(index), usage, keyUsages));
  if (new Set(old).size < old.length) return;
  for (const [index, usage] of usages.entries())
    if (usages.indexOf(usage) < index) errors.push(fieldErrors.duplicate(path.index(index), usage));
}

function validateCertificate(
  errors: Errors,
  readers: CertificateReaders,
  request: Request,
  old: Request | undefined,
): void {
  const issued = request.status?.certificate ?? '';
  const before = old?.status?.certificate ?? '';
  if (issued === '' || issued === before) return;
  if (before !== '' && readers.certificatesProblem(pemOf(before)) !== undefined) return;
  const problem = readers.certificatesProblem(pemOf(issued));
  if (problem !== undefined)
    errors.push(fieldErrors.invalid(fieldPath('status', 'certificate'), '<certificate data>', problem));
}

/** validateCertificateSigningRequestUpdate, as it is through the approval, or through the object or its status. */
export function validateRequestUpdate(
  readers: CertificateReaders,
  request: Request,
  old: Request,
  through: 'approval' | 'other',
): Errors {
  const errors = validateRequest(readers, request, old);
  validateConditionChanges(errors, request, old, through);
  const before = old.status?.certificate ?? '';
  // Through the object and its approval it cannot even come: there the strategies keep what is stored.
  if (before !== '' && (request.status?.certificate ?? '') !== before)
    errors.push(
      fieldErrors.forbidden(fieldPath('status', 'certificate'), 'updates may not modify existing certificate content'),
    );
  return errors;
}
