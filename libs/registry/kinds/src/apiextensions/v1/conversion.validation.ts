import { type FieldPath, fieldErrors, validateDns1035Label } from '@reckon/api/machinery';
import type { apiextensionsv1 } from '@reckon/api/types';
import { checkOneOf, type Errors } from '../../field-checks';
import { validateWebhookClient } from '../../admissionregistration/v1/webhook-client.validation';
import { bundleProblem } from './ca-bundle';

type Conversion = apiextensionsv1.CustomResourceConversion;

/** The versions of ConversionReview that servers speak. */
const reviewVersions = ['v1', 'v1beta1'];

export interface ConversionTolerance {
  readonly unknownReviewVersions: boolean;
  readonly badBundle: boolean;
}

/** `validateCustomResourceConversion`; paths as upstream's internal form has them. */
export function validateConversion(
  errors: Errors,
  path: FieldPath,
  conversion: Conversion,
  tolerance: ConversionTolerance,
): void {
  checkOneOf(errors, path.child('strategy'), conversion.strategy, ['None', 'Webhook']);
  const client = conversion.webhook?.clientConfig;
  const versions = conversion.webhook?.conversionReviewVersions ?? [];
  const clientPath = path.child('webhookClientConfig');
  const versionsPath = path.child('conversionReviewVersions');
  if (conversion.strategy !== 'Webhook') {
    const message = 'should not be set when strategy is not set to Webhook';
    if (client) errors.push(fieldErrors.forbidden(clientPath, message));
    if (versions.length > 0) errors.push(fieldErrors.forbidden(versionsPath, message));
    return;
  }
  if (!client) errors.push(fieldErrors.required(clientPath, 'required when strategy is set to Webhook'));
  else {
    validateWebhookClient(errors, clientPath, client);
    const problem = client.caBundle && !tolerance.badBundle ? bundleProblem(client.caBundle) : undefined;
    if (problem !== undefined) errors.push(fieldErrors.invalid(clientPath.child('caBundle'), client.caBundle, problem));
  }
  validateReviewVersions(errors, versionsPath, versions, tolerance);
}

function validateReviewVersions(
  errors: Errors,
  path: FieldPath,
  versions: readonly string[],
  tolerance: ConversionTolerance,
): void {
  if (versions.length === 0) {
    errors.push(fieldErrors.required(path));
    return;
  }
  const seen = new Set<string>();
  for (const [i, version] of versions.entries()) {
    if (seen.has(version)) {
      errors.push(fieldErrors.invalid(path.index(i), version, 'duplicate version'));
      continue;
    }
    seen.add(version);
    for (const message of validateDns1035Label(version))
      errors.push(fieldErrors.invalid(path.index(i), version, message));
  }
  if (!tolerance.unknownReviewVersions && !hasReviewVersion(versions))
    errors.push(fieldErrors.invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`));
}

export const hasReviewVersion = (versions: readonly string[]): boolean =>
  versions.some((version) => reviewVersions.includes(version));
