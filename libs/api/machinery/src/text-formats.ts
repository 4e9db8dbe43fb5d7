import { dns1123SubdomainMaximum } from './names';
import { isPrintable } from './go-quote';
import { isLongerThan, maximumCharacters, mustNotBeEmpty, patternMessage, type TextRule } from './validation-message';

const percentMessage = patternMessage(
  "a valid percent string must be a numeric string followed by an ending '%'",
  '[0-9]+%',
  '1%',
  '93%',
);
const headerMessage = patternMessage(
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  '[-A-Za-z0-9]+',
  'X-Header-Name',
);
const environmentMessage = patternMessage(
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  '[-._a-zA-Z][-._a-zA-Z0-9]*',
  'my.env-name',
  'MY_ENV.NAME',
  'MyEnvName1',
);
const relaxedEnvironmentMessage =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";
const configKeyMessage = patternMessage(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  '[-._a-zA-Z0-9]+',
  'key.name',
  'KEY_NAME',
  'key-name',
);

/** validation.IsValidPercent. */
export const validatePercent: TextRule = (value) => (/^[0-9]+%$/.test(value) ? [] : [percentMessage]);

/** validation.IsHTTPHeaderName. */
export const validateHttpHeaderName: TextRule = (value) => (/^[-A-Za-z0-9]+$/.test(value) ? [] : [headerMessage]);

/** validation.IsEnvVarName: the older, narrower rule (`envFrom` prefixes of other kinds). */
export const validateEnvironmentName: TextRule = (value) => [
  ...(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(value) ? [] : [environmentMessage]),
  ...parentFolderMessages(value),
];

/** validation.IsRelaxedEnvVarName: what containers' `env` takes since v1.34. */
export const validateRelaxedEnvironmentName: TextRule = (value) => {
  if (value === '') return [`environment variable name ${mustNotBeEmpty}`];
  for (const c of value) if (c > '\u007f' || c === '=' || !isPrintable(c)) return [relaxedEnvironmentMessage];
  return [];
};

/** validation.IsConfigMapKey: keys of ConfigMaps and Secrets. */
export const validateConfigKey: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, dns1123SubdomainMaximum)) errors.push(maximumCharacters(dns1123SubdomainMaximum));
  if (!/^[-._a-zA-Z0-9]+$/.test(value)) errors.push(configKeyMessage);
  errors.push(...parentFolderMessages(value));
  return errors;
};

/** Such a key would become a file outside its volume. */
function parentFolderMessages(value: string): string[] {
  if (value === '.') return [`must not be '.'`];
  if (value === '..') return [`must not be '..'`];
  return value.startsWith('..') ? [`must not start with '..'`] : [];
}
