import type { Pod } from '../framework/kinds';

const none: readonly string[] = [];

/** The claims that the pod names itself; those that are made for it alone are not among them. */
export function claimNamesOf({ spec }: Pod): readonly string[] {
  const volumes = spec?.volumes;
  if (volumes === undefined) return none;
  let names: string[] | undefined;
  for (const { persistentVolumeClaim } of volumes)
    if (persistentVolumeClaim !== undefined) (names ??= []).push(persistentVolumeClaim.claimName);
  return names ?? none;
}

/** As the apiserver words it. */
export const notFoundText = (resource: string, name: string): string => `${resource} ${JSON.stringify(name)} not found`;
