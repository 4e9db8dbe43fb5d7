const heading = '\n\nPossible enum values:\n';

/** The values of an enumeration, which its documentation ends with (k8s.io/kube-openapi/pkg/generators `EnumType`); empty for any other field. */
export function enumerationOf(description: string): readonly string[] {
  const at = description.lastIndexOf(heading);
  if (at === -1) return [];
  return [...description.slice(at).matchAll(/^ - `"([^"]*)"`/gm)].map(([, value = '']) => value);
}
