import type { Exchange } from '../exchange';
import { respondDocument } from '../response/respond-object';

/** `/`: every path that can be asked for, as k8s.io/apiserver/pkg/server/routes `Index` lists them. */
export function rootPath(exchange: Exchange): void | Promise<void> {
  const { server } = exchange;
  const paths = server.paths.list();
  for (const group of server.discovery.groups()) {
    const base = group.name === '' ? '/api' : `/apis/${group.name}`;
    paths.push(base, ...group.versions.map((version) => `${base}/${version}`));
  }
  paths.push('/apis', '/apis/');
  const representation = server.negotiator.negotiate(exchange, 'plain');
  return respondDocument(exchange, 200, { paths: [...new Set(paths)].sort() }, representation);
}
