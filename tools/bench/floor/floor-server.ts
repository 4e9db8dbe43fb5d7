import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { podFieldsV1 } from '../objects';
import type { FloorRow } from './floor-writer';

/**
 * What Node can do at most for these requests: bare `node:https` (HTTP/1.1), no routing worth the name, no checks, but every
 * write fsynced before its answer. Arguments: folder with server.crt and server.key, which also takes the database.
 */
interface FloorObject {
  metadata: Record<string, unknown>;
  spec?: Record<string, unknown>;
  [field: string]: unknown;
}

interface Pending {
  readonly row: FloorRow;
  readonly bytes: Buffer;
  readonly verb: 'ADDED' | 'MODIFIED';
  readonly done: () => void;
}

const folder = process.argv[2] ?? '.';
const stored = new Map<string, { readonly revision: number; readonly bytes: Buffer }>();
const watchers = new Set<ServerResponse>();
let revision = 0;
let waiting: Pending[] = [];
let inFlight: Pending[] = [];

const writer = new Worker(path.join(import.meta.dirname, 'floor-writer.mjs'), {
  workerData: { file: path.join(folder, 'floor.db') },
});

writer.on('message', (message: number | 'open') => {
  if (message === 'open') return;
  const batch = inFlight;
  inFlight = [];
  send();
  const frames: Buffer[] = [];
  for (const { row, bytes, verb } of batch) {
    stored.set(row.key, { revision: row.revision, bytes });
    if (watchers.size > 0 && row.key.startsWith('configmaps/'))
      frames.push(Buffer.from(`{"type":"${verb}","object":`), bytes, Buffer.from('}\n'));
  }
  if (frames.length > 0) {
    const all = Buffer.concat(frames);
    for (const watcher of watchers) watcher.write(all);
  }
  for (const { done } of batch) done();
});

function send(): void {
  if (inFlight.length > 0 || waiting.length === 0) return;
  inFlight = waiting;
  waiting = [];
  writer.postMessage(inFlight.map((pending) => pending.row));
}

function write(
  key: string,
  object: FloorObject,
  previous: number,
  verb: Pending['verb'],
  response: ServerResponse,
): void {
  object.metadata['resourceVersion'] = String(++revision);
  const bytes = Buffer.from(JSON.stringify(object));
  const done = (): void => answer(response, verb === 'ADDED' ? 201 : 200, bytes);
  waiting.push({ row: { revision, key, previous, actor: 'bench', at: Date.now(), bytes }, bytes, verb, done });
  send();
}

function answer(response: ServerResponse, status: number, bytes: Buffer): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.end(bytes);
}

function create(resource: string, body: Buffer, response: ServerResponse): void {
  const object = JSON.parse(body.toString()) as FloorObject;
  const now = new Date().toISOString();
  object.metadata['uid'] = randomUUID();
  object.metadata['creationTimestamp'] = now;
  object.metadata['managedFields'] = [
    {
      manager: 'bench',
      operation: 'Update',
      apiVersion: 'v1',
      time: now,
      fieldsType: 'FieldsV1',
      fieldsV1: resource === 'pods' ? podFieldsV1 : configMapFieldsV1,
    },
  ];
  const spec = (object.spec ??= {});
  spec['restartPolicy'] ??= 'Always';
  spec['terminationGracePeriodSeconds'] ??= 30;
  spec['dnsPolicy'] ??= 'ClusterFirst';
  spec['securityContext'] ??= {};
  spec['schedulerName'] ??= 'default-scheduler';
  spec['enableServiceLinks'] ??= true;
  spec['preemptionPolicy'] ??= 'PreemptLowerPriority';
  object['status'] ??= { phase: 'Pending' };
  write(`${resource}/${String(object.metadata['name'])}`, object, 0, 'ADDED', response);
}

const configMapFieldsV1 = { 'f:data': { '.': {}, 'f:a': {} } };

function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const into = typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete into[name];
    else into[name] = merge(into[name], value);
  }
  return into;
}

function list(resource: string, response: ServerResponse): void {
  const parts: Buffer[] = [
    Buffer.from(`{"kind":"List","metadata":{"resourceVersion":"${String(revision)}"},"items":[`),
  ];
  const comma = Buffer.from(',');
  for (const [key, { bytes }] of stored) {
    if (!key.startsWith(resource)) continue;
    if (parts.length > 1) parts.push(comma);
    parts.push(bytes);
  }
  parts.push(Buffer.from(']}'));
  answer(response, 200, Buffer.concat(parts));
}

function handle(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const [route = '', query = ''] = (request.url ?? '').split('?');
  const [resource = '', name] = route.slice('/api/v1/namespaces/default/'.length).split('/');
  const found = stored.get(`${resource}/${name ?? ''}`);
  if (request.method === 'POST') create(resource, body, response);
  else if (request.method === 'PATCH' && found !== undefined)
    write(
      `${resource}/${name ?? ''}`,
      merge(JSON.parse(found.bytes.toString()), JSON.parse(body.toString())) as FloorObject,
      found.revision,
      'MODIFIED',
      response,
    );
  else if (query.includes('watch=')) {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    watchers.add(response);
    response.on('close', () => watchers.delete(response));
  } else if (name === undefined) list(resource, response);
  else answer(response, found === undefined ? 404 : 200, found?.bytes ?? Buffer.from('{}'));
}

const server = createServer(
  {
    cert: readFileSync(path.join(folder, 'server.crt')),
    key: readFileSync(path.join(folder, 'server.key')),
    keepAliveTimeout: 120_000,
  },
  (request, response) => {
    if (request.method === 'GET') {
      handle(request, Buffer.alloc(0), response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(request, Buffer.concat(chunks), response));
  },
);
server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
