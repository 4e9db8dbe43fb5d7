import type { ApiServerOptions } from '../api-server-options';
import { respondComponentPage } from './component-page';
import type { PathHandler } from './path-table';

/** `/flagz`: the flags that the server was started with. */
export const flagzPath = (flags: NonNullable<ApiServerOptions['flags']> = {}): PathHandler => {
  const sorted = Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1));
  return (exchange) =>
    respondComponentPage(exchange, {
      kind: 'Flagz',
      text: () => sorted.map(([name, value]) => `${name}=${value}\n`).join(''),
      fields: () => (sorted.length === 0 ? {} : { flags: Object.fromEntries(sorted) }),
    });
};
