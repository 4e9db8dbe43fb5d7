import { createDecoder, createKindRegistry, decodeProtobuf, stringifyObject, unwrapUnknown } from '@reckon/api/kinds';
import { type GroupVersionKind, type KubeObject, apiVersionOf, parseApiVersion } from '@reckon/api/machinery';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RawReply, RawClient, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { namespace } from '../resources/resource-example';
import { fuzzTargets } from './fuzz-target';

const json = 'application/json';
const protobuf = 'application/vnd.kubernetes.protobuf';

describe('in protobuf', () => {
  const kinds = createKindRegistry();
  const decoder = createDecoder(kinds);
  const targets = fuzzTargets(kinds);
  let reckon: ReckonProcess;
  let client: RawClient;

  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--nodes', '1'] });
    client = RawClient.of(reckon.kubeconfig);
    await client.send('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  });
  afterAll(async () => {
    client.close();
    await reckon.dispose();
  });

  const canonical = (value: unknown, expected: GroupVersionKind): KubeObject =>
    decoder.normalize(value, { expected, strict: false }).object;
  /** An answer in protobuf as the object that it stands for. */
  const read = ({ bytes, headers }: RawReply): KubeObject => {
    expect(headers['content-type']).toBe(protobuf);
    const { apiVersion, kind, raw } = unwrapUnknown(bytes);
    const gvk = { group: '', version: '', ...parseApiVersion(apiVersion), kind };
    const struct = kinds.structOf(gvk);
    if (struct === undefined) throw new Error(`no struct of ${apiVersion} ${kind}`);
    return canonical({ ...decodeProtobuf(kinds.types, struct, raw), apiVersion, kind }, gvk);
  };
  const get = (path: string, accept: string): Promise<RawReply> => client.send('GET', path, { headers: { accept } });

  it.each(
    targets.map((target) => [`${target.row.group}/${target.row.version}/${target.row.resource}`, target] as const),
  )(
    '%s is created, read, listed and changed, and equal to its JSON',
    async (_, { row, object, collection, name, status }) => {
      const headers = { 'content-type': protobuf, accept: protobuf };
      const type = { apiVersion: apiVersionOf(row), kind: row.kind };
      const wire = (value: unknown): Buffer => kinds.protobuf.body(type, row.type, canonical(value, row));
      if (!row.verbs.includes('get')) {
        const asked = read(await client.send('POST', collection, { headers, body: wire(object) }));
        const { body } = await client.send('POST', collection, { body: object });
        expect(asked.kind).toBe((body as KubeObject).kind);
        if (asked.kind !== 'Status') expect(asked['status']).toEqual(canonical(body, row)['status']);
        return;
      }
      if (row.verbs.includes('create')) {
        const made = await client.send('POST', collection, { headers, body: wire(object) });
        expect(made.status, made.text).toBe(201);
        expect(read(made).metadata.name).toBe(name);
      }
      const item = `${collection}/${name}`;
      // Until no controller has written in between.
      await eventually(async () => {
        const asJson = canonical((await get(item, json)).body, row);
        expect(stringifyObject(read(await get(item, protobuf)))).toBe(stringifyObject(asJson));
      });

      const list = await get(collection, protobuf);
      const { items } = (await get(collection, json)).body as { items: KubeObject[] };
      expect((read(list)['items'] as KubeObject[]).map((one) => one.metadata.name)).toEqual(
        items.map((one) => one.metadata.name),
      );

      if (!row.verbs.includes('update')) return;
      const put = async (path: string, change: (object: KubeObject) => object): Promise<RawReply> => {
        for (;;) {
          const current = (await get(item, json)).body as KubeObject;
          const reply = await client.send('PUT', path, { headers, body: wire(change(current)) });
          // A controller was faster.
          if (reply.status !== 409) return reply;
        }
      };
      const labelled = await put(item, (current) => ({
        ...current,
        metadata: { ...current.metadata, labels: { form: 'protobuf' } },
      }));
      expect([labelled.status, read(labelled).metadata.labels]).toEqual([
        200,
        expect.objectContaining({ form: 'protobuf' }),
      ]);
      if (row.subresources.some((one) => one.name === 'status')) {
        const reply = await put(`${item}/status`, (current) => ({
          ...current,
          status: { ...(current['status'] as object | undefined), ...(status as object) },
        }));
        expect(reply.status, reply.text).toBe(200);
        expect(read(reply).metadata.name).toBe(name);
      }
    },
  );

  it('and in every other form a long integer keeps its digits, whoever writes the object again', async () => {
    const collection = `/apis/apps/v1/namespaces/${namespace}/controllerrevisions`;
    const body = '{"metadata":{"name":"long"},"revision":9223372036854775807,"data":{"long":1152921504606846977}}';
    const expectDigits = async (): Promise<void> => {
      for (const accept of [json, 'application/yaml', protobuf]) {
        const { bytes } = await get(`${collection}/long`, accept);
        expect(bytes.toString('latin1')).toMatch(/"?long"?: ?1152921504606846977/);
        if (accept !== protobuf) expect(bytes.toString()).toMatch(/"?revision"?: ?9223372036854775807/);
      }
    };
    const made = await client.send('POST', collection, { body });
    expect([made.status, made.text]).toEqual([201, made.text]);
    await expectDigits();
    for (const type of ['merge-patch', 'strategic-merge-patch']) {
      const patch = { metadata: { labels: { type } } };
      const headers = { 'content-type': `application/${type}+json` };
      expect((await client.send('PATCH', `${collection}/long`, { body: patch, headers })).status).toBe(200);
      await expectDigits();
    }
    const text = (await get(`${collection}/long`, json)).text.replace('"strategic-merge-patch"', '"put"');
    expect((await client.send('PUT', `${collection}/long`, { body: text })).status).toBe(200);
    await expectDigits();
  });
});
