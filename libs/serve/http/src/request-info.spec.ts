import { describe, expect, it } from 'vitest';
import { requestInfoOf } from './request-info';

const summary = (method: string, url: string): string => {
  const i = requestInfoOf(method, url);
  return i.isResource
    ? [i.verb, i.group, i.version, i.namespace, i.resource, i.name, i.subresource].join('|')
    : `${i.verb} ${i.path}`;
};

describe('request info', () => {
  it.each([
    ['GET', '/api/v1/pods', 'list||v1||pods||'],
    ['GET', '/api/v1/namespaces/a/pods?watch=true', 'watch||v1|a|pods||'],
    ['GET', '/api/v1/namespaces/a/pods?watch=abc', 'watch||v1|a|pods||'],
    ['GET', '/api/v1/namespaces/a/pods?watch=', 'watch||v1|a|pods||'],
    ['GET', '/api/v1/namespaces/a/pods?watch=0', 'list||v1|a|pods||'],
    ['GET', '/api/v1/namespaces/a/pods?watch=False', 'list||v1|a|pods||'],
    ['HEAD', '/api/v1/namespaces/a/pods/p', 'get||v1|a|pods|p|'],
    ['GET', '/api/v1/namespaces', 'list||v1||namespaces||'],
    ['GET', '/api/v1/namespaces/a', 'get||v1|a|namespaces|a|'],
    ['PUT', '/api/v1/namespaces/a/status', 'update||v1|a|namespaces|a|status'],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update||v1|a|namespaces|a|finalize'],
    ['POST', '/api/v1/namespaces/a/pods/p/binding', 'create||v1|a|pods|p|binding'],
    ['GET', '/api/v1/namespaces/a/pods/p/proxy/x/y', 'get||v1|a|pods|p|proxy'],
    ['GET', '/api/v1/watch/namespaces/a/pods', 'watch||v1|a|pods||'],
    ['GET', '/api/v1/watch/namespaces/a/pods/p', 'watch||v1|a|pods|p|'],
    ['GET', '/api/v1/proxy/namespaces/a/pods/p', 'proxy||v1|a|pods|p|'],
    ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection|apps|v1|a|deployments||'],
    ['DELETE', '/apis/apps/v1/namespaces/a/deployments/d', 'delete|apps|v1|a|deployments|d|'],
    ['PATCH', '/apis/apps/v1/namespaces/a/deployments/d/scale', 'patch|apps|v1|a|deployments|d|scale'],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dx', 'list||v1||pods|x|'],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%21%3Dx', 'list||v1||pods||'],
    ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn,metadata.name%3D%3Dx&watch=1', 'watch||v1||pods|x|'],
    ['GET', '/api/v1/namespaces/a/pods/with%20space', 'get||v1|a|pods|with space|'],
    ['GET', '/api/v1/namespaces/a/pods/%zz', 'get||v1|a|pods|%zz|'],
    ['GET', '//api/v1/pods/', 'list||v1||pods||'],
    ['GET', '/api/v1//pods/', 'get||v1|||pods|'],
    ['GET', '/api/v1/namespaces//pods', 'list||v1||pods||'],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Db,metadata.name%3Da', 'list||v1||pods|a|'],
    ['GET', '/api/v1/pods?fieldSelector=+metadata.name%3Db', 'list||v1||pods||'],
    ['GET', '/history', 'list|*|*||*||'],
    ['GET', '/history/?follow=true', 'watch|*|*||*||'],
    ['POST', '/history?follow=1', 'create|*|*||*||'],
    ['GET', '/history/api/v1/namespaces/a/pods', 'list||v1|a|pods||'],
    ['GET', '/history/api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx', 'list||v1|a|pods||'],
    ['GET', '/history/api/v1/namespaces/a/pods?watch=1', 'list||v1|a|pods||'],
    ['GET', '/history/apis/apps/v1/namespaces/a/deployments/d', 'get|apps|v1|a|deployments|d|'],
    ['GET', '/history/apis/apps/v1/namespaces/a/deployments/d?follow=', 'watch|apps|v1|a|deployments|d|'],
    ['DELETE', '/%68istory/api/v1/nodes', 'deletecollection||v1||nodes||'],
    ['GET', '/history/history/api/v1/pods', 'get /history/history/api/v1/pods'],
    ['GET', '/history/api', 'get /history/api'],
    ['GET', '/history/apis/apps/v1', 'get /history/apis/apps/v1'],
    ['GET', '/historyofit', 'get /historyofit'],
    ['GET', '/api/v1', 'get /api/v1'],
    ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
    ['POST', '/healthz?verbose', 'post /healthz'],
    ['GET', '/api/v1/watch', 'get /api/v1/watch'],
    ['GET', '/', 'get /'],
    ['OPTIONS', '/api/v1/pods', '||v1||pods||'],
  ])('reads %s %s', (method, url, expected) => {
    expect(summary(method, url)).toBe(expected);
  });

  it('keeps the name of the path apart from the one that a field selector demands', () => {
    const info = requestInfoOf('GET', '/api/v1/pods?fieldSelector=metadata.name%3Dx');
    expect([info.name, info.pathName]).toEqual(['x', '']);
  });
});
