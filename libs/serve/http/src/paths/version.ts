import type { Exchange } from '../exchange';
import { demandType } from '../response/negotiate';
import { respond } from '../response/respond';

/** What Reckon claims to be: `k8s.io/apimachinery/pkg/version.Info`. */
export const versionInfo = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2+reckon',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node ${process.version}`,
  compiler: 'v8',
  platform: `${process.platform === 'win32' ? 'windows' : process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
} as const;

export function versionPath(exchange: Exchange): void | Promise<void> {
  demandType(exchange, 'application/json');
  return respond(exchange, 200, 'application/json', JSON.stringify(versionInfo, null, 2));
}
