import type { MetricsRegistry } from '@reckon/kernel';
import { versionInfo } from './version';

/** What `/version` says, as labels (k8s.io/component-base/metrics `RegisterBuildInfo`). */
export function buildInfo(metrics: MetricsRegistry): void {
  const labels = {
    major: versionInfo.major,
    minor: versionInfo.minor,
    git_version: versionInfo.gitVersion,
    git_commit: versionInfo.gitCommit,
    git_tree_state: versionInfo.gitTreeState,
    build_date: versionInfo.buildDate,
    go_version: versionInfo.goVersion,
    compiler: versionInfo.compiler,
    platform: versionInfo.platform,
  };
  const info = metrics.gauge('kubernetes_build_info', 'Always 1; its labels are the version.', Object.keys(labels));
  info.set(1, ...Object.values(labels));
}
