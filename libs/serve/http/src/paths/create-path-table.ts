import { MetricsRegistry } from '@reckon/kernel';
import type { ApiServerOptions } from '../api-server-options';
import { configzPath } from './configz-path';
import { discoveryPaths } from './discovery-paths';
import { flowControlPaths } from './flow-control-paths';
import { flagzPath } from './flagz-path';
import { healthPaths } from './health';
import { metricsPath, metricsTextPath } from './metrics-path';
import { openapiPaths } from './openapi-paths';
import { openidPaths } from './openid-paths';
import { debugPaths } from './debug-paths';
import { PathTable } from './path-table';
import { rootPath } from './root-path';
import { statuszPath } from './statusz-path';
import { versionPath } from './version';

/** Everything that is no resource, in one place. */
export function createPathTable(options: ApiServerOptions, isStopping: () => boolean): PathTable {
  const table = new PathTable();
  table.add('/', rootPath);
  table.add('/index.html', rootPath, { hidden: true });
  table.add('/version', versionPath);
  for (const [path, handler] of discoveryPaths()) table.add(path, handler, { hidden: true });
  const slis = new MetricsRegistry();
  const checks = options.health ?? [];
  for (const [path, handler] of healthPaths({ checks, isStopping, slis }))
    table.add(path, handler, { anyMethod: true });
  table.add('/metrics', metricsPath);
  table.add('/metrics/slis', metricsTextPath(slis));
  table.add('/flagz', flagzPath(options.flags));
  table.add('/statusz', statuszPath);
  // As upstream's profiles, what is for people who debug is not listed.
  if (options.configz !== undefined) table.add('/configz', configzPath(options.configz), { hidden: true });
  for (const [path, handler] of openapiPaths(options)) table.add(path, handler);
  for (const [path, handler] of openidPaths(options.openid)) table.add(path, handler);
  for (const [path, handler] of debugPaths(options.debug ?? {})) table.add(path, handler, { hidden: true });
  for (const [path, handler] of flowControlPaths(options.flowControl)) table.add(path, handler, { hidden: true });
  return table;
}
