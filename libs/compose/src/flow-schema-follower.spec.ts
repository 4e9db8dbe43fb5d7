import type { flowcontrolv1 } from '@reckon/api/types';
import type { Running } from '@reckon/kernel';
import type { ResourceStore } from '@reckon/registry/generic';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { flowControlGroup } from './flow-schema-condition';
import { startFlowSchemaFollower } from './flow-schema-follower';
import { servedStore } from './registry';
import { systemContext, systemWrite } from './system-context';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

const apiVersion = `${flowControlGroup}/v1`;
let cluster: MemoryCluster;
let schemas: ResourceStore;
let levels: ResourceStore;
let follower: Running;

beforeEach(async () => {
  cluster = await memoryCluster();
  const storeOf = (resource: string): ResourceStore =>
    servedStore(cluster.kinds, cluster.storeOf, flowControlGroup, resource);
  schemas = storeOf('flowschemas');
  levels = storeOf('prioritylevelconfigurations');
  follower = startFlowSchemaFollower({
    ...cluster.basics,
    storage: cluster.storage,
    flowSchemas: schemas,
    agent: 'test/1',
  });
});
afterEach(async () => {
  await follower.stop();
  await cluster.close();
});

const ctx = () => systemContext({ ...cluster.basics, agent: 'test/1' });
const create = async (store: ResourceStore, kind: string, name: string, spec: object): Promise<void> => {
  await store.create(ctx(), '', { apiVersion, kind, metadata: { name }, spec }, systemWrite(apiVersion));
};
const level = { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } };
const schema = { matchingPrecedence: 900, priorityLevelConfiguration: { name: 'plc' } };
const read = (): flowcontrolv1.FlowSchema =>
  cluster.storage
    .newest({ group: flowControlGroup, resource: 'flowschemas', namespace: '', name: 'fs' })
    ?.parse() as never;
const says = async (status: string): Promise<void> => {
  await vi.waitFor(() => {
    expect(read().status?.conditions?.map((c) => `${c.type ?? ''} ${c.status ?? ''}`)).toEqual([`Dangling ${status}`]);
  });
};

describe('the status of a flow schema', () => {
  it('tells whether its priority level is there, and learns when that changes', async () => {
    await create(schemas, 'FlowSchema', 'fs', schema);
    await says('True');
    expect(read().status?.conditions?.[0]).toMatchObject({
      reason: 'NotFound',
      message:
        'This FlowSchema references the PriorityLevelConfiguration object named "plc" but there is no such object',
    });
    await create(levels, 'PriorityLevelConfiguration', 'plc', level);
    await says('False');
    expect(read().status?.conditions?.[0]).toMatchObject({
      reason: 'Found',
      message: 'This FlowSchema references the PriorityLevelConfiguration object named "plc" and it exists',
    });
    expect(read().metadata.managedFields).toMatchObject([
      { manager: 'api-priority-and-fairness-config-consumer-v1', operation: 'Apply', subresource: 'status' },
      { operation: 'Update' },
    ]);
    await levels.delete(ctx(), '', 'plc', {}, systemWrite(apiVersion));
    await says('True');
  });

  it('is written only when it says something new', async () => {
    await create(levels, 'PriorityLevelConfiguration', 'plc', level);
    await create(schemas, 'FlowSchema', 'fs', schema);
    await says('False');
    await cluster.storage.settled();
    const { revision } = cluster.storage;
    await create(levels, 'PriorityLevelConfiguration', 'other', level);
    await follower.stop();
    expect(cluster.storage.revision).toBe(revision + 1);
  });
});
