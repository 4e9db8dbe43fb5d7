import { isLongerThan, maximumBytes, maximumCharacters, patternMessage, type TextRule } from './validation-message';

export const dns1123LabelMaximum = 63;
export const dns1123SubdomainMaximum = 253;
export const dns1035LabelMaximum = 63;

const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`;
const underscoreLabelPattern = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const underscoreSubdomainPattern = `${underscoreLabelPattern}(\\.${underscoreLabelPattern})*`;
const dns1035Pattern = '[a-z]([-a-z0-9]*[a-z0-9])?';
const wildcardPattern = `\\*\\.${subdomainPattern}`;
const cIdentifierPattern = '[A-Za-z_][A-Za-z0-9_]*';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);

// The same languages as the printed patterns, written without nested repeats: V8 backtracks where Go's RE2 does not.
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const dns1035 = whole(dns1035Pattern);
const cIdentifier = whole(cIdentifierPattern);

function isSubdomain(value: string): boolean {
  return value.split('.').every((part) => label.test(part));
}

const underscoreLabel = whole(underscoreLabelPattern);

const subdomainMessage = patternMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainPattern,
  'example.com',
);
const labelMessage = patternMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  labelPattern,
  'my-name',
  '123-abc',
);
const dns1035Message = patternMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  dns1035Pattern,
  'my-name',
  'abc-123',
);
const wildcardMessage = patternMessage(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  wildcardPattern,
  '*.example.com',
);
const underscoreMessage = patternMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  underscoreSubdomainPattern,
  'example.com',
);
const cIdentifierMessage = patternMessage(
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  cIdentifierPattern,
  'my_name',
  'MY_NAME',
  'MyName',
);

/** validation.IsDNS1123Label. */
export const validateDns1123Label: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, dns1123LabelMaximum)) errors.push(maximumCharacters(dns1123LabelMaximum));
  if (!label.test(value)) errors.push(isSubdomain(value) ? 'must not contain dots' : labelMessage);
  return errors;
};

/** validation.IsDNS1123Subdomain. */
export const validateDns1123Subdomain: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, dns1123SubdomainMaximum)) errors.push(maximumCharacters(dns1123SubdomainMaximum));
  if (!isSubdomain(value)) errors.push(subdomainMessage);
  return errors;
};

/** content.IsDNS1123Subdomain: as above, counting in bytes; the prefix of a label key is said this way. */
export const validateLabelPrefix: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, dns1123SubdomainMaximum)) errors.push(maximumBytes(dns1123SubdomainMaximum));
  if (!isSubdomain(value)) errors.push(subdomainMessage);
  return errors;
};

/** validation.IsDNS1123SubdomainWithUnderscore: pod search domains. */
export const validateDns1123SubdomainWithUnderscore: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, dns1123SubdomainMaximum)) errors.push(maximumCharacters(dns1123SubdomainMaximum));
  if (!value.split('.').every((part) => underscoreLabel.test(part))) errors.push(underscoreMessage);
  return errors;
};

/** validation.IsDNS1035Label. */
export const validateDns1035Label: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, dns1035LabelMaximum)) errors.push(maximumCharacters(dns1035LabelMaximum));
  if (!dns1035.test(value)) errors.push(dns1035Message);
  return errors;
};

/** validation.IsWildcardDNS1123Subdomain: ingress hosts. */
export const validateWildcardDns1123Subdomain: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, dns1123SubdomainMaximum)) errors.push(maximumCharacters(dns1123SubdomainMaximum));
  if (!value.startsWith('*.') || !isSubdomain(value.slice(2))) errors.push(wildcardMessage);
  return errors;
};

/** content.IsCIdentifier. */
export const validateCIdentifier: TextRule = (value) => (cIdentifier.test(value) ? [] : [cIdentifierMessage]);
