import { validateLabelPrefix } from './names';
import { isLongerThan, maximumBytes, mustNotBeEmpty, patternMessage, type TextRule } from './validation-message';

export const labelValueMaximum = 63;
const labelNameMaximum = 63;

const namePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const valuePattern = `(${namePattern})?`;
const name = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const nameMessage = patternMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  namePattern,
  'MyName',
  'my.name',
  '123-abc',
);
const valueMessage = patternMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  valuePattern,
  'MyValue',
  'my_value',
  '12345',
);

/** content.IsLabelKey, known as IsQualifiedName: `[prefix/]name`; keys of labels, annotations, finalizers, resources, taints. */
export const validateQualifiedName: TextRule = (value) => {
  const errors: string[] = [];
  const slash = value.indexOf('/');
  if (slash !== value.lastIndexOf('/')) {
    return [
      `a valid label key ${nameMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (slash >= 0) {
    const prefix = value.slice(0, slash);
    if (prefix === '') errors.push(`prefix part ${mustNotBeEmpty}`);
    else for (const message of validateLabelPrefix(prefix)) errors.push(`prefix part ${message}`);
  }
  const part = slash < 0 ? value : value.slice(slash + 1);
  if (part === '') errors.push(`name part ${mustNotBeEmpty}`);
  else if (isLongerThan(part, labelNameMaximum)) errors.push(`name part ${maximumBytes(labelNameMaximum)}`);
  if (!name.test(part)) errors.push(`name part ${nameMessage}`);
  return errors;
};

/** content.IsLabelValue. */
export const validateLabelValue: TextRule = (value) => {
  const errors: string[] = [];
  if (isLongerThan(value, labelValueMaximum)) errors.push(maximumBytes(labelValueMaximum));
  if (value !== '' && !name.test(value)) errors.push(valueMessage);
  return errors;
};
