import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kubectl, type ReckonProcess, eventually, readKubeconfig, startReckon } from '@reckon/testkit';

const protobuf = 'application/vnd.kubernetes.protobuf';
/** What client-go sends for the kinds that it has types of. */
const preferred = `${protobuf},application/json`;
const maps = '/api/v1/namespaces/default/configmaps';

/** The fields of a message by number, in order: bytes, or the value of a varint. A reader of its own: it knows no table of ours. */
type Fields = ReadonlyMap<number, readonly (Buffer | number)[]>;

function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, (Buffer | number)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = message.readUInt8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const value = varint();
    const list = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, list);
    if ((tag & 7) === 0) list.push(value);
    else {
      expect([tag & 7, at + value <= message.length]).toEqual([2, true]);
      list.push(message.subarray(at, at + value));
      at += value;
    }
  }
  return fields;
}

const bytesOf = (fields: Fields, number: number, index = 0): Buffer => {
  const value = fields.get(number)?.[index];
  if (!Buffer.isBuffer(value)) throw new Error(`no bytes in field ${String(number)}`);
  return value;
};
const inner = (fields: Fields, ...path: readonly number[]): Fields =>
  path.reduce((at, number) => fieldsOf(bytesOf(at, number)), fields);
const textOf = (fields: Fields, number: number): string => bytesOf(fields, number).toString('utf8');

/** `k8s\0`, then `runtime.Unknown`: what it is, and the message. */
function unwrap(body: Buffer): { readonly type: string; readonly message: Fields } {
  expect(body.subarray(0, 4).toString('latin1')).toBe('k8s\0');
  const envelope = fieldsOf(body.subarray(4));
  const meta = inner(envelope, 1);
  return { type: `${textOf(meta, 1)} ${textOf(meta, 2)}`, message: inner(envelope, 2) };
}

interface WatchEvent {
  readonly type: string;
  readonly of: string;
  readonly message: Fields;
}

/** Takes the whole frames out of what has arrived: four bytes of length each, as client-go's framer reads them. */
function takeFrames(arrived: Buffer, onEvent: (event: WatchEvent) => void): Buffer {
  let rest = arrived;
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
    const end = 4 + rest.readUInt32BE(0);
    const event = fieldsOf(rest.subarray(4, end));
    const { type: of, message } = unwrap(bytesOf(inner(event, 2), 1));
    onEvent({ type: textOf(event, 1), of, message });
    rest = rest.subarray(end);
  }
  return rest;
}

describe('a client that asks for protobuf', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  const open: ClientRequest[] = [];

  beforeAll(async () => {
    reckon = await startReckon();
    kubectl = new Kubectl(reckon.kubeconfig);
    await kubectl.run('create configmap one --from-literal=k=v');
  });
  afterAll(async () => {
    for (const sent of open) sent.destroy();
    await reckon.dispose();
  });

  const start = (path: string, accept: string): Promise<IncomingMessage> => {
    const { server, caPem, certPem, keyPem } = readKubeconfig(reckon.kubeconfig);
    const tls = { ca: caPem, cert: certPem, key: keyPem, agent: false as const };
    return new Promise((resolve, reject) => {
      const sent = request(`${server}${path}`, { ...tls, headers: { accept } }, resolve);
      sent.once('error', reject);
      sent.end();
      open.push(sent);
    });
  };
  const get = async (path: string): Promise<{ status: number; type: string; message: Fields }> => {
    const response = await start(path, preferred);
    expect(response.headers['content-type']).toBe(protobuf);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, ...unwrap(Buffer.concat(chunks)) };
  };

  it('gets objects, lists and refusals', async () => {
    const one = await get(`${maps}/one`);
    expect([one.status, one.type]).toEqual([200, 'v1 ConfigMap']);
    expect(textOf(inner(one.message, 1), 1)).toBe('one');
    const entry = inner(one.message, 2);
    expect([textOf(entry, 1), textOf(entry, 2)]).toEqual(['k', 'v']);

    const list = await get(maps);
    expect([list.status, list.type]).toEqual([200, 'v1 ConfigMapList']);
    const names = list.message.get(2)?.map((_, i) => textOf(inner(fieldsOf(bytesOf(list.message, 2, i)), 1), 1));
    expect(names).toEqual(['kube-root-ca.crt', 'one']);
    expect(Number(textOf(inner(list.message, 1), 2))).toBeGreaterThan(0);

    const none = await get(`${maps}/none`);
    expect([none.status, none.type]).toEqual([404, 'v1 Status']);
    expect([textOf(none.message, 2), textOf(none.message, 4), none.message.get(6)]).toEqual([
      'Failure',
      'NotFound',
      [404],
    ]);
  });

  it('watches', async () => {
    const { message } = await get(maps);
    const from = textOf(inner(message, 1), 2);
    const response = await start(`${maps}?watch=1&resourceVersion=${from}`, preferred);
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, `${protobuf};stream=watch`]);
    const events: WatchEvent[] = [];
    let rest: Buffer = Buffer.alloc(0);
    response.on('data', (chunk: Buffer) => {
      rest = takeFrames(Buffer.concat([rest, chunk]), (event) => events.push(event));
    });
    await kubectl.run('create configmap seen --from-literal=k=v');
    await kubectl.run('label configmap seen a=b');
    await kubectl.run('delete configmap seen');
    await eventually(() => {
      expect(events.map(({ type, of, message: object }) => [type, of, textOf(inner(object, 1), 1)])).toEqual([
        ['ADDED', 'v1 ConfigMap', 'seen'],
        ['MODIFIED', 'v1 ConfigMap', 'seen'],
        ['DELETED', 'v1 ConfigMap', 'seen'],
      ]);
    });
  });

  it('is kubectl, which reads what it gets', async () => {
    await kubectl.run('create deployment web --image=nginx --replicas=2');
    await kubectl.run('rollout status deployment web');
    await kubectl.run('set image deployment web nginx=nginx:2');
    await kubectl.run('rollout status deployment web');
    expect(await kubectl.run('rollout history deployment web')).toMatch(/^1 .*\n2 /m);
    expect(await kubectl.run('describe deployment web')).toMatch(/Replicas: +2 desired \| 2 updated \| 2 total/);
    const pod = await kubectl.run('get pods -l app=web -o name');
    const described = await kubectl.run(`describe ${pod.trim().split('\n')[0] ?? ''}`);
    expect(described).toMatch(/Image: +nginx:2\n/);
    expect(described).toMatch(/Node-Selectors: +<none>\n/);
    const [node = ''] = (await kubectl.run('get nodes -o name')).trim().split('\n');
    expect(await kubectl.run(`describe ${node}`)).toMatch(/Capacity:\n {2}cpu: +\d+\n/);
    expect(await kubectl.run('create token default')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(await kubectl.run('auth whoami')).toContain('system:masters');
    expect(await kubectl.run('auth can-i create pods')).toBe('yes\n');
    const { code, stderr } = await kubectl.try(['describe', 'configmap', 'none']);
    expect([code, stderr]).toEqual([1, 'Error from server (NotFound): configmaps "none" not found\n']);
  });
});
