import { respond } from '../response/respond';
import type { PathHandler } from './path-table';

/** `/configz`: the configuration in effect, as every component of Kubernetes shows its own. */
export const configzPath =
  (read: () => Readonly<Record<string, unknown>>): PathHandler =>
  (exchange) =>
    respond(exchange, 200, 'application/json', JSON.stringify(read()));
