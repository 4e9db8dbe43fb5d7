import type { ApiServerOptions } from '../api-server-options';
import { configzPath } from './configz-path';
import { discoveryPaths } from './discovery-paths';
import { healthPaths } from './health';
import { metricsPath } from './metrics-path';
import { openapiPaths } from './openapi-paths';
import { openidPaths } from './openid-paths';
import { debugPaths } from './debug-paths';
import { PathTable } from './path-table';
import { rootPath } from './root-path';
import { versionPath } from './version';

/** Everything that is no resource, in one place. */
export function createPathTable(options: ApiServerOptions, isStopping: () => boolean): PathTable {
  const table = new PathTable();
  table.add('/', rootPath);
  table.add('/version', versionPath);
  for (const [path, handler] of discoveryPaths()) table.add(path, handler, { hidden: true });
  for (const [path, handler] of healthPaths(options.health ?? [], isStopping)) table.add(path, handler);
  table.add('/metrics', metricsPath);
  if (options.configz !== undefined) table.add('/configz', configzPath(options.configz));
  for (const [path, handler] of openapiPaths(options.kinds, options.describe)) table.add(path, handler);
  for (const [path, handler] of openidPaths(options.openid)) table.add(path, handler);
  for (const [path, handler] of debugPaths(options.debug ?? {})) table.add(path, handler);
  return table;
}
