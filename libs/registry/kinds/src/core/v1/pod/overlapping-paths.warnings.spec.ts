import type { corev1 } from '@reckon/api/types';
import { describe, expect, it } from 'vitest';
import { overlapWarnings } from './overlapping-paths.warnings';

const items = (...paths: string[]): { key: string; path: string }[] => paths.map((path) => ({ key: 'k', path }));
const labels = (...paths: string[]): corev1.DownwardAPIVolumeFile[] =>
  paths.map((path) => ({ path, fieldRef: { fieldPath: 'metadata.name' } }));

describe('files of a volume that are in each other\u2019s way', () => {
  it.each<[Omit<corev1.Volume, 'name'>, ...string[]]>([
    [{ configMap: { name: 'm', items: items('a', 'b', 'ab', 'a.x') } }],
    [{ secret: { secretName: 's' } }],
    [{ projected: { sources: [{ secret: { name: 's' } }, { serviceAccountToken: { path: 'token' } }] } }],
    [
      { configMap: { name: 'm', items: items('test', 'test') } },
      'volume "v" (ConfigMap "m"): overlapping paths: "test" with "test"',
    ],
    [
      { secret: { secretName: 's', items: items('test/app', 'test/') } },
      'volume "v" (Secret "s"): overlapping paths: "test" with "test/app"',
    ],
    [
      { downwardAPI: { items: labels('test', 'test/app') } },
      'volume "v" (DownwardAPI): overlapping paths: "test/app" with "test"',
    ],
    [{ projected: { sources: [{}] } }, 'volume "v" (Projected) has no sources provided'],
    [
      {
        projected: {
          sources: [
            { configMap: { name: 'm', items: items('test') } },
            { serviceAccountToken: { path: 'test/file' } },
            { secret: { name: 's', items: items('test/file') } },
          ],
        },
      },
      'volume "v" (Projected): overlapping paths: "test/file" (ServiceAccountToken) with "test" (ConfigMap "m")',
      'volume "v" (Projected): overlapping paths: "test/file" (Secret "s") with "test" (ConfigMap "m")',
      'volume "v" (Projected): overlapping paths: "test/file" (Secret "s") with "test/file" (ServiceAccountToken)',
    ],
  ])('%j', (source, ...warnings) => {
    expect(overlapWarnings([{ name: 'v', ...source }])).toEqual(warnings);
  });
});
