/**
 * The labels of a selector that only says what they are, `a=b,c=d`; undefined if it is none
 * (k8s.io/apimachinery/pkg/labels `ConvertSelectorToLabelsMap`).
 */
export function selectorLabels(text: string): ReadonlyMap<string, string> | undefined {
  const labels = new Map<string, string>();
  if (text === '') return labels;
  for (const part of text.split(',')) {
    const [key = '', value, ...more] = part.split('=');
    if (value === undefined || more.length > 0 || !isKey(key.trim()) || !isValue(value.trim())) return undefined;
    labels.set(key.trim(), value.trim());
  }
  return labels;
}

const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const domain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function isKey(text: string): boolean {
  const slash = text.indexOf('/');
  return slash < 0 ? name.test(text) : domain.test(text.slice(0, slash)) && name.test(text.slice(slash + 1));
}

const isValue = (text: string): boolean => text === '' || name.test(text);
