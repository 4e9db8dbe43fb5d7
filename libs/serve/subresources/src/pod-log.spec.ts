import { StatusError, failure } from '@reckon/api/machinery';
import { type RequestListener, type Server, createServer, get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { podLogHandler } from './pod-log';
import { simulatedContainerHandler } from './simulated-container';
import { type SubresourceFixture, openSubresources, pod } from './testing/subresource-fixture.suite';

let f: SubresourceFixture;
/** A kubelet, and an apiserver that has nothing but the handler. */
let kubelet: { server: Server; port: number; answer: RequestListener };
let api: { server: Server; port: number };
let dialled: string[];

const listen = (listener: RequestListener): Promise<{ server: Server; port: number }> =>
  new Promise((resolve) => {
    const server = createServer(listener);
    server.listen(0, '127.0.0.1', () => {
      resolve({ server, port: (server.address() as AddressInfo).port });
    });
  });

beforeEach(async () => {
  f = await openSubresources();
  dialled = [];
  const two = {
    containers: [
      { name: 'main', image: 'i' },
      { name: 'side', image: 'i' },
    ],
    initContainers: [{ name: 'first', image: 'i' }],
  };
  await f.create(f.pods, pod('web', { nodeName: 'node-0' }));
  await f.create(f.pods, pod('two', { nodeName: 'node-0', ...two }));
  await f.create(f.pods, pod('unplaced'));
  kubelet = {
    answer: (request, response) => response.end(`${request.url ?? ''} ${request.headers.authorization ?? ''}\n`),
    ...(await listen((request, response) => {
      kubelet.answer(request, response);
    })),
  };
  const dial = (node: string) => {
    dialled.push(node);
    return { host: '127.0.0.1', port: kubelet.port, token: 'secret' };
  };
  const handlers = { log: podLogHandler(f.pods, dial), exec: simulatedContainerHandler(f.pods) };
  api = await listen((request, response) => {
    const url = new URL(request.url ?? '', 'http://api');
    const [, name = '', subresource = ''] = url.pathname.split('/');
    const aborted = new AbortController();
    response.on('close', () => {
      aborted.abort();
    });
    void (async () => {
      try {
        await handlers[subresource === 'log' ? 'log' : 'exec']({
          ctx: { ...f.ctx, signal: aborted.signal },
          row: f.pods.row,
          subresource,
          namespace: 'default',
          name,
          method: 'GET',
          path: '',
          query: url.searchParams,
          request,
          response,
          upgrade: undefined,
        });
      } catch (error) {
        const status = error instanceof StatusError ? error.status : failure({ code: 500, message: String(error) });
        response.writeHead(status.code).end(JSON.stringify(status));
      }
    })();
  });
});
afterEach(async () => {
  for (const { server } of [api, kubelet]) {
    server.closeAllConnections();
    server.close();
  }
  await f.close();
});

async function ask(path: string): Promise<{ code: number; type: string | undefined; text: string; message: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${String(api.port)}/${path}`);
  const body = await answer.text();
  const message = answer.ok ? undefined : (JSON.parse(body) as { message: unknown }).message;
  return { code: answer.status, type: answer.headers.get('content-type') ?? undefined, text: body, message };
}

describe('the log of a pod', () => {
  it('is what the kubelet of its node says, asked with its token and the reader’s options', async () => {
    expect(await ask('web/log?follow=false&tailLines=5&pretty=true&container=')).toMatchObject({
      code: 200,
      type: 'text/plain',
      text: '/containerLogs/default/web/main?follow=false&tailLines=5 Bearer secret\n',
    });
    expect(dialled).toEqual(['node-0']);
  });

  it('is of the container that is named', async () => {
    expect((await ask('two/log?container=first')).text).toContain('/containerLogs/default/two/first?');
  });

  it('is empty before the pod has a node', async () => {
    expect(await ask('unplaced/log')).toMatchObject({ code: 200, type: 'text/plain', text: '' });
    expect(dialled).toEqual([]);
  });

  it.each([
    ['gone/log', 404, 'pods "gone" not found'],
    ['web/log?container=other', 400, 'container other is not valid for pod web'],
    ['two/log', 400, 'a container name must be specified for pod two, choose one of: [first main side]'],
    ['web/log?tailLines=many', 400, 'strconv.ParseInt: parsing "many": invalid syntax'],
    [
      'web/log?tailLines=-1',
      422,
      'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'web/log?limitBytes=0',
      422,
      'PodLogOptions "web" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
    ],
    ['web/log?sinceTime=noon', 400, 'parsing time "noon": it is not RFC 3339'],
  ])('is refused: %s', async (path, code, message) => {
    expect(await ask(path)).toMatchObject({ code, message });
    expect(dialled).toEqual([]);
  });

  it('is refused as the kubelet refuses it', async () => {
    const status = failure({
      reason: 'BadRequest',
      message: 'container "main" in pod "web" is waiting to start: ContainerCreating',
    });
    kubelet.answer = (_, response) => response.writeHead(400).end(JSON.stringify(status));
    expect(await ask('web/log')).toMatchObject({ code: 400, message: status.message });
    kubelet.answer = (_, response) => response.writeHead(500).end('plain trouble');
    expect(await ask('web/log')).toMatchObject({ code: 500, message: 'plain trouble' });
  });

  it('is an internal error when the kubelet is away', async () => {
    kubelet.server.close();
    kubelet.server.closeAllConnections();
    const { code, message } = await ask('web/log');
    expect(code).toBe(500);
    expect(message).toContain('error dialing the kubelet of the pod: connect ECONNREFUSED');
  });

  it('is cut off when the kubelet breaks off', async () => {
    kubelet.answer = (_, response) => {
      response.write('begun\n', () => response.destroy());
    };
    await expect(ask('web/log?follow=true')).rejects.toThrow();
  });

  it('ends at the kubelet when the reader goes away', async () => {
    const ended = new Promise<void>((resolve) => {
      kubelet.answer = (_, response) => {
        response.write('begun\n');
        response.on('close', resolve);
      };
    });
    const request = httpGet(`http://127.0.0.1:${String(api.port)}/web/log?follow=true`, (answer) => {
      answer.on('error', () => undefined);
      answer.once('data', () => request.destroy());
    });
    request.on('error', () => undefined);
    await ended;
  });

  it('arrives line by line', async () => {
    let end: () => void = () => undefined;
    kubelet.answer = (_, response) => {
      response.write('one\n');
      end = () => response.end('two\n');
    };
    const answer = await fetch(`http://127.0.0.1:${String(api.port)}/web/log?follow=true`);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('one\n');
    end();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('two\n');
  });
});

describe('a process of a simulated container', () => {
  it.each([
    [
      'web/exec?command=ls',
      501,
      'exec needs a process, and the containers of pod "web" are simulated: there is none to reach',
    ],
    [
      'web/portforward',
      501,
      'portforward needs a process, and the containers of pod "web" are simulated: there is none to reach',
    ],
    ['two/attach', 400, 'a container name must be specified for pod two, choose one of: [first main side]'],
    ['unplaced/exec', 400, 'pod unplaced does not have a host assigned'],
    ['gone/exec', 404, 'pods "gone" not found'],
  ])('is not reached: %s', async (path, code, message) => {
    expect(await ask(path)).toMatchObject({ code, message });
  });
});
