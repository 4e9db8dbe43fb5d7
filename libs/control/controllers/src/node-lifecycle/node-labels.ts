import type { Node } from './node';

/** Old names of labels, which follow the new ones (`labelReconcileInfo`). */
const followers = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
] as const;

/** Labels to be set; undefined if all is well. */
export function labelsToSet({ metadata: { labels = {} } }: Node): Record<string, string> | undefined {
  const wanted = followers.flatMap(([from, to]) => {
    const value = labels[from];
    return value === undefined || labels[to] === value ? [] : [[to, value] as const];
  });
  return wanted.length === 0 ? undefined : Object.fromEntries(wanted);
}
