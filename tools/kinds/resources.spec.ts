import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Structs } from './facts';
import { readResources } from './resources';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'reckon-apis-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** One call as the client's generator writes it. */
const call = (name: string, takes: string, at: string, method: string, answers: string): string => `
    async ${name}(${takes}, _options) {
        const localVarPath = '${at}';
        const requestContext = _config.baseServer.makeRequestContext(localVarPath, HttpMethod.${method});
    }
    async ${name}WithHttpInfo(response) {
        const body = ObjectSerializer.deserialize(ObjectSerializer.parse(await response.body.text(), contentType), "${answers}", "");
    }`;

const collection = '/apis/apps/v1/namespaces/{namespace}/deployments';
const one = `${collection}/{name}`;

const client = (...calls: string[]): void => {
  writeFileSync(path.join(folder, 'AppsV1Api.js'), calls.join('\n'));
};
const structs = new Map(['apps/v1.Deployment', 'apps/v1.DeploymentList'].map((name) => [name, []])) as Structs;

describe('the resources of a client', () => {
  it('are refused while names are kept for others that it does not have', () => {
    client(call('createNamespacedDeployment', 'namespace, body', collection, 'POST', 'V1Deployment'));
    expect(() => readResources(folder, structs)).toThrow(/resource-names\.ts names .*\/pods.*, which are not served/);
  });

  it('need a struct, a kind and a place for their group', () => {
    client(call('createNamespacedDeployment', 'namespace, body', collection, 'POST', 'V1Deployment'));
    expect(() => readResources(folder, new Map())).toThrow('apps/v1/deployments: no struct apps/v1.Deployment');
    client(call('deleteNamespacedDeployment', 'name', one, 'DELETE', 'V1Status'));
    expect(() => readResources(folder, structs)).toThrow('apps/v1/deployments: no call says its kind');
    client(call('listThing', 'watch', '/apis/new.k8s.io/v1/things', 'GET', 'V1ThingList'));
    expect(() => readResources(folder, structs)).toThrow('does not say where group new.k8s.io stands');
  });
});
