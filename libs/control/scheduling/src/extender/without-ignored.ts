import { type ExtenderConfiguration, type ProfileConfiguration, defaultArgs } from '../config/scheduler-configuration';

/** Of resources that extenders look after alone, NodeResourcesFit takes no notice (pkg/scheduler.buildExtenders). */
export function withoutIgnored(
  profile: ProfileConfiguration,
  extenders: readonly ExtenderConfiguration[] = [],
): ProfileConfiguration {
  const ignored = extenders.flatMap(({ managedResources }) =>
    managedResources.filter((one) => one.isIgnoredByScheduler).map(({ name }) => name),
  );
  if (ignored.length === 0) return profile;
  const fit = profile.args?.NodeResourcesFit ?? defaultArgs.NodeResourcesFit;
  return {
    ...profile,
    args: { ...profile.args, NodeResourcesFit: { ...fit, ignoredResources: [...fit.ignoredResources, ...ignored] } },
  };
}
