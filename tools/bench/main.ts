import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { conditionsText } from './conditions';
import type { Conditions } from './conditions';
import { measure, measureIdleNodes, measureManyBindings, measureReplicaSet } from './measure';
import type { Contestant, MeasureOptions } from './measure';
import { bundle } from './processes';
import { judge, tableText } from './report';
import { rows } from './rows';
import type { Figures } from './rows';
import { serverOf, startFloor, startReckon } from './servers';
import type { Server } from './servers';
import { slowDisk } from './slow-disk';

const usage = `npm run bench -- [--only create,get] [--seconds 1.5] [--rounds 3] [--json file] [--floor-only] [--reckon dist/reckon.mjs] [--audit] [--rbac] [--nats nats://127.0.0.1:4222] [--disk-ms 3] [--http2 | --beside kubeconfig]
  --audit has Reckon write every request down at Metadata level
  --rbac lets the load be a user whose rights RBAC finds and whose requests take seats; otherwise it is of system:masters, whom both let pass
  --nats has it publish its log there
  --disk-ms lets each flush of both servers take so much longer, as on a disk other than this machine's
  --http2 measures Reckon over HTTP/2, too, as the other server
  --beside measures another server, too, which runs already and is there for this only: it is filled with pods
  rows: ${rows.map((row) => row.id).join(', ')}`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '1.5' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
    reckon: { type: 'string', default: path.resolve(import.meta.dirname, '../../dist/reckon.mjs') },
    'floor-only': { type: 'boolean', default: false },
    audit: { type: 'boolean', default: false },
    rbac: { type: 'boolean', default: false },
    nats: { type: 'string' },
    'disk-ms': { type: 'string' },
    beside: { type: 'string' },
    http2: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const conditions: Conditions = {
  hasAudit: values.audit,
  hasUser: values.rbac,
  hasHttp2: values.http2,
  ...(values.nats === undefined ? {} : { nats: values.nats }),
  ...(values['disk-ms'] === undefined ? {} : { diskMs: Number(values['disk-ms']) }),
};
const only = values.only?.split(',');
const unknown = only?.filter((id) => !rows.some((row) => row.id === id)) ?? [];
const problems: string[] = [];

async function open(what: string, starting: Promise<Server>): Promise<Server | undefined> {
  try {
    return await starting;
  } catch (error) {
    problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function sideBySide(
  floorScript: string,
  hasReckon: boolean,
  options: MeasureOptions,
): Promise<Record<Contestant['name'], Figures>> {
  const contestants: Contestant[] = [];
  try {
    const floor = await open('the floor', startFloor(floorScript));
    if (floor !== undefined) contestants.push({ name: 'floor', server: floor });
    const reckon = hasReckon ? await open('reckon', startReckon(values.reckon, { nodes: 0, conditions })) : undefined;
    if (reckon !== undefined) contestants.push({ name: 'reckon', server: reckon });
    if (values.http2) {
      const other = await open(
        'reckon over HTTP/2',
        startReckon(values.reckon, { nodes: 0, conditions, speaksHttp2: true }),
      );
      if (other !== undefined) contestants.push({ name: 'beside', server: other });
    } else if (values.beside !== undefined) contestants.push({ name: 'beside', server: serverOf(values.beside) });
    return await measure(contestants, options);
  } finally {
    for (const { server } of contestants) await server.stop();
  }
}

/** Rows that need nodes: on a cluster of its own, each. */
async function withNodes(nodes: number, work: (server: Server) => Promise<Figures>): Promise<Figures> {
  const what = `reckon with ${String(nodes)} nodes`;
  const server = await open(what, startReckon(values.reckon, { nodes, conditions }));
  if (server === undefined) return {};
  try {
    return await work(server);
  } catch (error) {
    problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  } finally {
    await server.stop();
  }
}

const thousand: readonly string[] = ['thousand-cpu', 'thousand-memory'];
const authorization: readonly string[] = ['authorize', 'authorize-binding'];
/** Rows that are not measured beside the floor. */
const alone = ['replicaset', ...thousand, ...authorization];

async function authorize(script: string): Promise<Figures> {
  try {
    return await measureManyBindings(script);
  } catch (error) {
    problems.push(`authorization: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

async function main(): Promise<void> {
  const scripts = await bundle();
  // What is started from here on inherits it.
  if (conditions.diskMs !== undefined) Object.assign(process.env, slowDisk(conditions.diskMs, scripts.folder));
  const options: MeasureOptions = {
    load: scripts.load,
    wants: (id) => only === undefined || only.includes(id),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    say: (line) => console.log(line),
    problems,
  };
  const hasReckon = !values['floor-only'] && existsSync(values.reckon);
  if (!hasReckon && !values['floor-only'])
    problems.push(`${values.reckon} is missing: run \`npm run build\`; only the floor was measured`);

  if (hasReckon) console.log(`with ${conditionsText(conditions)}`);

  const wanted = rows.filter((row) => options.wants(row.id));
  const needsBoth = wanted.some((row) => !alone.includes(row.id));
  const { floor, reckon, beside } = needsBoth
    ? await sideBySide(scripts.floor, hasReckon, options)
    : { floor: {}, reckon: {}, beside: {} };
  const hundred =
    hasReckon && options.wants('replicaset')
      ? await withNodes(100, async (server) => ({ replicaset: await measureReplicaSet(server, options) }))
      : {};
  const decisions =
    !values['floor-only'] && authorization.some(options.wants) ? await authorize(scripts.authorize) : {};
  const idle = hasReckon && thousand.some(options.wants) ? await withNodes(1000, measureIdleNodes) : {};

  const verdicts = judge(wanted, floor, { ...reckon, ...hundred, ...idle, ...decisions }, beside);
  console.log(`\n${tableText(verdicts)}`);
  for (const problem of problems) console.log(`\nnot measured: ${problem}`);
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ node: process.version, conditions, verdicts, problems }, undefined, 2)}\n`,
    );
  if (problems.length > 0) process.exitCode = 1;
}

if (values.help) console.log(usage);
else if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(', ')}\n${usage}`);
  process.exitCode = 2;
} else await main();
