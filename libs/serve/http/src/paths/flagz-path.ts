import type { ApiServerOptions } from '../api-server-options';
import { type ComponentPage, respondComponentPage } from './component-page';
import type { PathHandler } from './path-table';

/** `/flagz`: the flags that the server was started with. */
export const flagzPath = (flags: NonNullable<ApiServerOptions['flags']> = {}): PathHandler => {
  const page = flagzPage(flags);
  return (exchange) => respondComponentPage(exchange, page);
};

/** The page of a program with these flags, values as text. */
export function flagzPage(flags: Readonly<Record<string, string>>): ComponentPage {
  const sorted = Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kind: 'Flagz',
    text: () => sorted.map(([name, value]) => `${name}=${value}\n`).join(''),
    fields: () => (sorted.length === 0 ? {} : { flags: Object.fromEntries(sorted) }),
  };
}
