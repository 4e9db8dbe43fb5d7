import { type FieldPath, fieldErrors, validateDns1123Subdomain, validatePortNumber } from '@reckon/api/machinery';
import type { Errors } from '../../field-checks';
import { GoUrlError, parseGoUrl } from '../go-url';

const form = '; desired format: https://host[/path]';

interface WebhookService {
  readonly name?: string;
  readonly namespace?: string;
  readonly path?: string;
  readonly port?: number;
}

interface WebhookClient {
  readonly url?: string;
  readonly service?: WebhookService;
}

/** What configurations of webhooks and conversions of custom resources have in common: one of an address and a service. */
export function validateWebhookClient(errors: Errors, path: FieldPath, { url, service }: WebhookClient): void {
  if ((url === undefined) === (service === undefined))
    errors.push(fieldErrors.required(path, 'exactly one of url or service is required'));
  else if (url !== undefined) validateWebhookUrl(errors, path.child('url'), url);
  else if (service !== undefined) validateWebhookService(errors, path.child('service'), service);
}

/** apiserver/pkg/util/webhook `ValidateWebhookURL`. */
export function validateWebhookUrl(errors: Errors, path: FieldPath, text: string): void {
  let url: ReturnType<typeof parseGoUrl>;
  try {
    url = parseGoUrl(text);
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    errors.push(fieldErrors.required(path, `url must be a valid URL: ${error.message}${form}`));
    return;
  }
  if (url.scheme !== 'https')
    errors.push(fieldErrors.invalid(path, url.scheme, `'https' is the only allowed URL scheme${form}`));
  if (url.host === '') errors.push(fieldErrors.invalid(path, url.host, `host must be specified${form}`));
  if (url.user !== undefined)
    errors.push(fieldErrors.invalid(path, url.user, 'user information is not permitted in the URL'));
  if (url.fragment !== '')
    errors.push(fieldErrors.invalid(path, url.fragment, 'fragments are not permitted in the URL'));
  if (url.query !== '')
    errors.push(fieldErrors.invalid(path, url.query, 'query parameters are not permitted in the URL'));
}

/** apiserver/pkg/util/webhook `ValidateWebhookService`. */
export function validateWebhookService(errors: Errors, path: FieldPath, service: WebhookService): void {
  // Upstream's callers mix the two up, so that a missing one is told of the other.
  if (!service.namespace) errors.push(fieldErrors.required(path.child('name')));
  if (!service.name) errors.push(fieldErrors.required(path.child('namespace')));
  const port = service.port ?? 0;
  const problems = validatePortNumber(port);
  if (problems.length > 0)
    errors.push(fieldErrors.invalid(path.child('port'), port, `port is not valid: ${problems.join(', ')}`));
  if (service.path !== undefined) validateServicePath(errors, path.child('path'), service.path);
}

function validateServicePath(errors: Errors, path: FieldPath, text: string): void {
  if (text === '' || text === '/') return;
  const refuse = (message: string): void => {
    errors.push(fieldErrors.invalid(path, text, message));
  };
  if (text === '//') {
    refuse('segment[0] may not be empty');
    return;
  }
  if (!text.startsWith('/')) refuse("must start with a '/'");
  for (const [index, segment] of text.slice(1).replace(/\/$/, '').split('/').entries()) {
    const number = `segment[${String(index)}]`;
    if (segment === '') refuse(`${number} may not be empty`);
    else for (const message of validateDns1123Subdomain(segment)) refuse(`${number}: ${message}`);
  }
}
