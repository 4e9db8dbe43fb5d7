import type { Exchange } from '../exchange';
import { respond } from '../response/respond';

/** `/`: every path that can be asked for, for people and whatever they accept (k8s.io/apiserver/pkg/server/routes `Index`). */
export function rootPath(exchange: Exchange): void | Promise<void> {
  const { server } = exchange;
  const paths = server.paths.list();
  for (const group of server.discovery.groups()) {
    const base = group.name === '' ? '/api' : `/apis/${group.name}`;
    paths.push(base, ...group.versions.map((version) => `${base}/${version}`));
  }
  paths.push('/apis', '/apis/');
  return respond(
    exchange,
    200,
    'application/json',
    JSON.stringify({ paths: [...new Set(paths)].sort() }, undefined, 2),
  );
}
