import type { Exchange } from '../exchange';
import { demandType } from '../response/negotiate';
import { respond } from '../response/respond';

/** The release whose API is served, as its own apiserver tells it; `npm run update` does not know these, the server of a release does. */
const release = { gitVersion: 'v1.36.2', goVersion: 'go1.26.10' };

/** What Reckon's programs call themselves: on nodes, to other servers, on a terminal. */
export const programVersion = `${release.gitVersion}+reckon`;

/**
 * `k8s.io/apimachinery/pkg/version.Info`. Clients read here what the server can do, so it speaks of the API's release, not of what
 * serves it. No commit and no date belong to it: they stand as upstream has them where nobody stamped the build
 * (k8s.io/component-base/version).
 */
export const versionInfo = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: release.gitVersion,
  gitCommit: '$Format:%H$',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: release.goVersion,
  compiler: 'gc',
  platform: `${process.platform === 'win32' ? 'windows' : process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
} as const;

export function versionPath(exchange: Exchange): void | Promise<void> {
  demandType(exchange, 'application/json');
  return respond(exchange, 200, 'application/json', JSON.stringify(versionInfo, null, 2));
}
