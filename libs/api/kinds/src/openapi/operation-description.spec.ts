import { describe, expect, it } from 'vitest';
import { createKindRegistry } from '../kind-registry';
import { operationDescription } from './operation-description';

const rows = createKindRegistry().resources();
const rowOf = (resource: string): (typeof rows)[number] => {
  const found = rows.find((row) => row.resource === resource);
  if (found === undefined) throw new Error(`no ${resource}`);
  return found;
};

describe('the description of an operation', () => {
  it.each([
    ['get', 'pods', '', 'read the specified Pod'],
    ['get', 'pods', 'log', 'read log of the specified Pod'],
    ['list', 'pods', '', 'list or watch objects of kind Pod'],
    ['list', 'componentstatuses', '', 'list objects of kind ComponentStatus'],
    ['update', 'deployments', 'scale', 'replace scale of the specified Deployment'],
    ['patch', 'deployments', '', 'partially update the specified Deployment'],
    ['create', 'pods', 'eviction', 'create eviction of a Pod'],
    ['create', 'ingresses', '', 'create an Ingress'],
    ['create', 'ingressclasses', '', 'create an IngressClass'],
    ['delete', 'endpoints', '', 'delete Endpoints'],
    ['deletecollection', 'pods', '', 'delete collection of Pod'],
    ['post', 'pods', 'exec', 'connect POST requests to exec of Pod'],
  ])('of %s %s %s is %j', (verb, resource, subresource, text) => {
    expect(operationDescription({ verb, row: rowOf(resource), subresource })).toBe(text);
  });

  it('tells what to use instead of the old watches', () => {
    const row = rowOf('pods');
    const instead = "deprecated: use the 'watch' parameter with a list operation instead";
    expect(operationDescription({ verb: 'watchlist', row })).toBe(
      `watch individual changes to a list of Pod. ${instead}.`,
    );
    expect(operationDescription({ verb: 'watch', row })).toBe(
      `watch changes to an object of kind Pod. ${instead}, filtered to a single item with the 'fieldSelector' parameter.`,
    );
  });
});
