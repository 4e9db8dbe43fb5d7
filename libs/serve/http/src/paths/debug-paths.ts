import type { ApiServerOptions } from '../api-server-options';
import { respond } from '../response/respond';
import type { PathHandler } from './path-table';

/** `/debug/<name>`: what the server's parts say about themselves, for people. Guarded by RBAC like any path. */
export function debugPaths(debug: NonNullable<ApiServerOptions['debug']>): [string, PathHandler][] {
  return Object.entries(debug).map(([name, ask]) => [
    `/debug/${name}`,
    async (exchange) => {
      const told = await ask(exchange.query);
      await respond(exchange, 200, 'application/json', `${JSON.stringify(told, null, 2)}\n`);
    },
  ]);
}
