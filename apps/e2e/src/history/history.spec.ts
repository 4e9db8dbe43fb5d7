import {
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, kubectlPath, type Ran, RawClient, reckonProgram, run, startReckon } from '@reckon/testkit';
import { type HistoryCluster, type Row, rowsOf, startHistoryCluster } from './history-cluster.suite';

describe('the history of a cluster', () => {
  let cluster: HistoryCluster;
  let kubectl: HistoryCluster['kubectl'];
  let scaled = 0;

  beforeAll(async () => {
    cluster = await startHistoryCluster();
    ({ kubectl } = cluster);
    await kubectl.run('create deployment web --image=nginx --replicas=2');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    await kubectl.run('scale deployment/web --replicas=3');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    await kubectl.run('create secret generic key --from-literal=password=correct-horse');
    await kubectl.run(['patch', 'secret', 'key', '-p', '{"stringData":{"password":"battery-staple"}}']);
    const rows = await log('deploy/web');
    scaled = rows.find((row) => row.changes.includes('spec.replicas: 2 → 3'))?.revision ?? 0;
  });
  afterAll(async () => {
    await cluster.dispose();
  });

  const log = async (args: string, kubeconfig?: string): Promise<Row[]> =>
    rowsOf(await cluster.tell(`log ${args}`, kubeconfig));

  it('W19: shows each step from a ReplicaSet to running pods, with who did it', async () => {
    const manifest = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'rs' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'rs' } },
        template: { metadata: { labels: { app: 'rs' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    };
    await kubectl.run('create -f -', { stdin: JSON.stringify(manifest) });
    await kubectl.run(['wait', 'rs/rs', '--for=jsonpath={.status.readyReplicas}=2', '--timeout=60s']);
    const rows = await eventually(async () => {
      const seen = (await log('rs,pods,events')).filter(({ object }) => object.includes('/rs'));
      // Of each pod at least: made, scheduled, pulled, created, started.
      const events = seen.filter(({ verb, object }) => verb === 'create' && object.startsWith('event/'));
      expect(events.length).toBeGreaterThanOrEqual(2 * 5);
      return seen;
    });
    const revisions = rows.map(({ revision }) => revision);
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(rows[0]).toMatchObject({
      verb: 'create',
      object: 'replicaset.apps/rs',
      by: 'kubernetes-admin (kubectl-create)',
    });
    const pods = rows
      .filter(({ verb, object }) => verb === 'create' && object.startsWith('pod/'))
      .map(({ object }) => object);
    expect(pods).toHaveLength(2);
    for (const pod of pods) {
      const steps = rows.filter(({ object }) => object === pod);
      expect(steps.slice(0, 3).map(({ verb, by }) => `${verb} ${by}`)).toEqual([
        'create system:serviceaccount:kube-system:replicaset-controller (kube-controller-manager)',
        'update system:kube-scheduler (kube-scheduler)',
        expect.stringMatching(/^update system:node:\S+ \(kubelet\)$/),
      ]);
      expect(steps[1]?.changes[0]).toMatch(/^spec\.nodeName: \(none\) → reckon-node-\d$/);
      expect(steps.slice(2).flatMap(({ changes }) => changes)).toContain('status.phase: Pending → Running');
    }
    expect(rows.filter(({ object }) => object === 'replicaset.apps/rs').at(-1)?.by).toBe(
      'system:serviceaccount:kube-system:replicaset-controller (kube-controller-manager)',
    );
  });

  it('is filtered by kind, name, time, user, manager and request', async () => {
    const [create] = await log('deployments.apps web --limit 1');
    expect(create).toMatchObject({
      verb: 'create',
      object: 'deployment.apps/web',
      by: 'kubernetes-admin (kubectl-create)',
    });
    expect((await log('deploy --by kubernetes-admin')).map(({ verb }) => verb)).toEqual(['create', 'update']);
    expect((await log('Deployment --manager kubectl-create')).map(({ verb }) => verb)).toEqual(['create']);
    expect((await log(`deploy --since ${String(scaled)} --until ${String(scaled)}`)).map((r) => r.revision)).toEqual([
      scaled,
    ]);
    expect(await log('deploy --since 1h')).toEqual(await log('deploy'));
    const none = await cluster.reckonTo(['log', 'deploy', '--until', '1h']);
    expect([none.code, none.stdout, none.stderr]).toEqual([0, '', 'No changes found.\n']);
    expect((await log('deploy -n kube-system')).length).toBe(0);
    // What a script left empty, or the wrong way round, finds nothing or everything, and neither is an answer.
    for (const [args, says] of [
      [['--by', ''], "error: option '--by <user>' argument '' is invalid. must not be empty."],
      [['--manager', ''], "error: option '--manager <name>' argument '' is invalid. must not be empty."],
      [['--audit-id', ''], "error: option '--audit-id <id>' argument '' is invalid. must not be empty."],
      [['--data-dir', ''], 'reckon: --data-dir names no folder'],
      [['--since', '1m', '--until', '2m'], 'reckon: --since is after --until'],
      [['--since', '9', '--until', '8'], 'reckon: --since is after --until'],
    ] as const) {
      const refused = await cluster.reckonTo(['log', 'deploy', ...args]);
      expect([refused.code, refused.stdout, refused.stderr.split('\n')[0]]).toEqual([1, '', says]);
    }
    const [entry] = await lines('log deploy -A -o json --limit 1');
    const one = await lines(`log -o json --audit-id ${String(entry?.['request'])}`);
    expect(one.map((each) => each['revision'])).toContain(create?.revision);
    const everything = await lines('log -o json');
    expect(everything.map((each) => each['revision'])).toEqual(everything.map((_, i) => i + 1));
  });

  const lines = async (args: string): Promise<Record<string, unknown>[]> =>
    (await cluster.tell(args))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('is told as rows with agents, as JSON, YAML and JSON patches', async () => {
    const at = `--since ${String(scaled)} --until ${String(scaled)}`;
    expect(await cluster.tell(`log deploy/web ${at} -o wide`)).toMatch(
      /kubernetes-admin \(kubectl\S*\) {2}kubectl\/v1\.36\.\d+ .* {2}\d+ {2}[0-9a-f-]{36}\n/,
    );
    const [json] = await lines(`log deploy/web ${at} -o json`);
    expect(json).toMatchObject({ actor: 'kubernetes-admin', object: { spec: { replicas: 3 } } });
    expect(json?.['changes']).toContainEqual({ path: 'spec.replicas', before: 2, after: 3 });
    const [patch] = await lines(`log deploy/web ${at} -o patch`);
    expect(patch?.['patch']).toContainEqual({ op: 'replace', path: '/spec/replicas', value: 3 });
    expect(patch?.['patch']).toContainEqual({
      op: 'replace',
      path: '/metadata/resourceVersion',
      value: String(scaled),
    });
    expect(await cluster.tell(`log deploy/web ${at} -o yaml`)).toMatch(
      /^---\nactor: kubernetes-admin\n[^]*\n {2}spec:\n {4}progressDeadlineSeconds: 600\n {4}replicas: 3\n/,
    );
  });

  it('hides the values of Secrets unless they are asked for', async () => {
    const secrets = ['correct-horse', 'battery-staple'].flatMap((word) => [word, Buffer.from(word).toString('base64')]);
    const last = (await log('secret/key')).at(-1)!;
    expect(last.changes).toEqual(['data.password: <13 bytes> → <changed, 14 bytes>']);
    for (const command of [
      'log secret/key',
      'log secret/key -o json',
      'log secret/key -o yaml',
      'log secret/key -o patch',
      'blame secret/key',
      'blame secret/key -o json',
    ]) {
      const printed = await cluster.tell(command);
      for (const word of secrets) expect(printed, command).not.toContain(word);
      expect(await cluster.tell(`${command} --show-secrets`), command).toContain(secrets[3]);
    }
    const diff = await cluster.reckonTo(['diff', String(last.revision - 1), String(last.revision), 'secret/key']);
    expect(diff.stdout).toContain('-  password: <13 bytes>\n+  password: <changed, 14 bytes>\n');
    expect(
      (await cluster.reckonTo(['diff', String(last.revision - 1), 'secret/key', '--show-secrets'])).stdout,
    ).toContain(secrets[3]);
  });

  it('is followed as it happens', async () => {
    const following = [
      cluster.follow(['log', 'configmaps', '-f', '--since', '0s']),
      cluster.follow(['log', 'configmaps', '-f', '--since', '0s', '--data-dir', cluster.reckon.dataDir]),
    ];
    let i = 0;
    // The first may come before the followers are there.
    await eventually(async () => {
      await kubectl.run(`create configmap seen-${String(i++)}`);
      for (const each of following) expect(each.output()).toContain('configmap/seen-');
    });
    await kubectl.run('create configmap last');
    await kubectl.run('label configmap last a=b');
    await eventually(() => {
      for (const each of following)
        expect(rowsOf(each.output()).at(-1)).toMatchObject({
          verb: 'update',
          object: 'configmap/last',
          by: 'kubernetes-admin (kubectl-label)',
          changes: ['metadata.labels: (none) → {"a":"b"}'],
        });
    });
    for (const each of following) await each.end();
  });

  it('blames each field on who set it last', async () => {
    const blamed = (await cluster.tell('blame deploy/web')).split('\n').map((line) => line.split(/ {3,}/));
    const of = (field: string): string[] => blamed.find(([name]) => name === field)?.slice(1) ?? [];
    expect(of('spec.replicas')).toEqual([
      '3',
      expect.stringMatching(/^kubernetes-admin \(kubectl/),
      expect.stringMatching(/Z$/),
      String(scaled),
    ]);
    expect(of('spec.template.spec.containers[name=nginx].image').slice(0, 2)).toEqual([
      'nginx',
      'kubernetes-admin (kubectl-create)',
    ]);
    expect(of('status.conditions[type=Available].status')[1]).toContain('deployment-controller');
    const json = JSON.parse(await cluster.tell('blame deployment web -o json')) as {
      path: string;
      by: { revision: number };
    }[];
    expect(json.find(({ path }) => path === 'spec.replicas')?.by.revision).toBe(scaled);
    for (const [args, message] of [
      [['blame', 'deploy/none'], 'no history of deployments "none"'],
      [['blame', 'deploy'], 'blame is of one object'],
      [['blame', 'cow/x'], 'the server doesn\'t have a resource type "cow"'],
    ] as const) {
      const { code, stderr } = await cluster.reckonTo(args);
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    }
  });

  it('shows what differs between two moments, as kubectl diff does', async () => {
    const { code, stdout } = await cluster.reckonTo(['diff', String(scaled - 1), String(scaled), 'deploy/web']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(
        `^diff -u -N revision-${String(scaled - 1)}/apps\\.v1\\.Deployment\\.default\\.web revision-${String(scaled)}/apps\\.v1\\.Deployment\\.default\\.web\\n` +
          `--- revision-${String(scaled - 1)}/apps\\.v1\\.Deployment\\.default\\.web\\t\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{9} \\+0000\\n\\+\\+\\+ `,
      ),
    );
    expect(stdout).toContain('\n-  replicas: 2\n+  replicas: 3\n');
    expect(stdout).not.toContain('managedFields');
    const back = await cluster.reckonTo(['diff', String(scaled), String(scaled - 1), 'deploy/web']);
    expect(back.stdout).toContain('\n-  replicas: 3\n+  replicas: 2\n');
    const never = await cluster.reckonTo(['diff', '1', String(scaled), 'deploy/wbe']);
    expect([never.code, never.stdout, never.stderr.split('\n')[0]]).toEqual([
      2,
      '',
      'reckon: no history of deployments "wbe"',
    ]);
    const same = await cluster.reckonTo(['diff', String(scaled), String(scaled)]);
    expect([same.code, same.stdout, same.stderr]).toEqual([0, '', '']);
    const all = await cluster.reckonTo(['diff', '-1h']);
    expect(all.code).toBe(1);
    expect(all.stdout).toContain('/v1.Namespace..default\n');
    expect((await cluster.reckonTo(['diff', '-1h', '-n', 'kube-system'])).stdout).not.toContain('.default.web');
    for (const args of [
      ['diff', 'x'],
      ['diff', '999999'],
      ['diff', '1', '--nope'],
      ['diff', '1', 'cows'],
      ['diff'],
      ['diff', '1', '-n'],
    ]) {
      const refused = await cluster.reckonTo(args);
      expect([refused.code, refused.stdout], args.join(' ')).toEqual([2, '']);
    }
  });

  it('runs kubectl against any moment, and nothing but reads', async () => {
    const at = (...args: string[]): ReturnType<HistoryCluster['reckonTo']> => cluster.reckonTo(['at', ...args]);
    const before = await at(
      String(scaled - 1),
      '--',
      kubectlPath(),
      'get',
      'deploy',
      'web',
      '-o',
      'jsonpath={.spec.replicas}',
    );
    expect(before).toEqual({ code: 0, stdout: '2', stderr: '' });
    const now = await at('-0s', '--', kubectlPath(), 'get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}');
    expect(now.stdout).toBe('3');
    const then = await at('1h', '--', kubectlPath(), 'get', 'deploy', 'web');
    expect([then.code, then.stderr]).toEqual([1, expect.stringContaining('not found')]);
    const ahead = await at('999999', '--', kubectlPath(), 'get', 'deploy', 'web');
    expect([ahead.code, ahead.stdout]).toEqual([1, '']);
    expect(ahead.stderr).toMatch(/^reckon: revision 999999 is not there yet\n +The newest is \d+\.\n$/);
    const refused = await at(String(scaled), '--', kubectlPath(), 'delete', 'deploy', 'web');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the past is read only')]);
    await kubectl.run('get deploy web');
    const watched = await at(String(scaled - 1), '--', kubectlPath(), 'get', 'deploy', 'web', '-w', '--no-headers');
    expect([watched.code, watched.stdout.split('\n').length, watched.stderr]).toEqual([0, 2, '']);
    const described = await at(String(scaled - 1), '--', 'sh', '-c', 'stat -c %a $KUBECONFIG; exit 7');
    expect([described.code, described.stdout]).toEqual([7, '600\n']);
    expect((await at('5m')).stderr).toContain('no command to run');
    expect((await at('soon', '--', 'true')).stderr).toContain('"soon" is no moment');
    expect((await at('5m', '--', '/no/such/program')).stderr).toContain('there is no program "/no/such/program"');
    expect((await at('5m', '--', cluster.folder)).stderr).toMatch(/ cannot be run: .*EACCES\n +Name a program that/);
    expect(readdirSync(cluster.folder).filter((name) => name.startsWith('reckon-at-'))).toEqual([]);
  });

  it('is asked for moments that were, by all commands alike', async () => {
    for (const [moment, message, hint] of [
      ['999999', /^revision 999999 is not there yet$/, /^The newest is \d+\.$/],
      ['0', /^"0" is no moment: revisions begin at 1$/, /^Name a later one/],
      ['2026-02-30T00:00:00Z', /^"2026-02-30T00:00:00Z" is no moment: there is no such time$/, /^Name a day/],
      [
        '9999-01-01T00:00:00Z',
        /^9999-01-01T00:00:00Z is still to come$/,
        /^It is \S+Z\. Name a moment that has passed\.$/,
      ],
    ] as const)
      for (const args of [
        ['log', moment === '999999' ? '--since' : '--until', moment],
        ['diff', '1', moment, 'deploy'],
        ['at', moment, '--', 'true'],
      ]) {
        const { code, stdout, stderr } = await cluster.reckonTo(args);
        expect([code, stdout], args.join(' ')).toEqual([args[0] === 'diff' ? 2 : 1, '']);
        const [first = '', second = '', ...rest] = stderr.replace(/^reckon: /, '').split('\n');
        expect([first, second.trim(), rest], args.join(' ')).toEqual([
          expect.stringMatching(message),
          expect.stringMatching(hint),
          [''],
        ]);
      }
  });

  it('is read with the rights of the caller', async () => {
    await kubectl.run('create namespace team');
    await kubectl.run('create serviceaccount viewer -n team');
    await kubectl.run('create configmap mine -n team');
    await kubectl.run('create clusterrole names --verb=list --resource=configmaps,namespaces');
    await kubectl.run('create clusterrolebinding names --clusterrole=names --serviceaccount=team:viewer');
    const viewer = await cluster.accountConfig('team', 'viewer');
    const told = await cluster.reckonTo(['log'], viewer);
    expect(told.code).toBe(0);
    const rows = rowsOf(told.stdout);
    const kinds = new Set(rows.map(({ object }) => object.slice(0, object.indexOf('/'))));
    expect([...kinds].sort()).toEqual(['configmap', 'namespace']);
    expect(rows.map(({ revision }) => revision)).toEqual(rows.map(({ revision }) => revision).sort((a, b) => a - b));
    expect(told.stderr).toMatch(/^Without what you may not list: .*\bsecrets\b.*\bdeployments\.apps\b/);
    expect(told.stderr).not.toContain('configmaps');

    const refused = await cluster.reckonTo(['log', 'secrets'], viewer);
    expect([refused.code, refused.stdout, refused.stderr]).toEqual([
      1,
      '',
      expect.stringContaining(
        'secrets is forbidden: User "system:serviceaccount:team:viewer" cannot list resource "secrets" in API group "" in the namespace "team"',
      ),
    ]);
    const whole = await cluster.reckonTo(['export'], viewer);
    expect([whole.code, whole.stdout]).toEqual([1, '']);
    expect(whole.stderr).toContain('cannot list resource "*" in API group "*" at the cluster scope');
    const diff = await cluster.reckonTo(['diff', '-1h'], viewer);
    expect(diff.code).toBe(1);
    expect(diff.stdout).toContain('/v1.ConfigMap.team.mine\n');
    expect(diff.stdout).not.toContain('Secret');

    await kubectl.run('create serviceaccount nobody -n team');
    const nobody = await cluster.reckonTo(['log'], await cluster.accountConfig('team', 'nobody'));
    expect([nobody.code, nobody.stdout]).toEqual([1, '']);
    expect(nobody.stderr).toContain('cannot list resource "*" in API group "*"');
  });
});

describe('the history of who may read one namespace', () => {
  let cluster: HistoryCluster;
  let jane: string;

  beforeAll(async () => {
    cluster = await startHistoryCluster(['--nodes', '1']);
    const { kubectl } = cluster;
    jane = join(cluster.folder, 'jane');
    const { dataDir } = cluster.reckon;
    await cluster.tell(['kubeconfig', 'user', '--cn', 'jane', '--data-dir', dataDir, '--out', jane]);
    await kubectl.run('create configmap elsewhere');
    await kubectl.run('create namespace team');
    await kubectl.run('create rolebinding jane -n team --clusterrole=view --user=jane');
    await kubectl.run('create configmap mine -n team --from-literal=a=b');
    await kubectl.run('create secret generic key -n team --from-literal=a=b');
  });
  afterAll(async () => {
    await cluster.dispose();
  });

  const inTeam = (): string => {
    const file = join(cluster.folder, 'jane-in-team');
    writeFileSync(file, readFileSync(jane, 'utf8').replace('"user": "jane"', '"user": "jane", "namespace": "team"'));
    return file;
  };

  it('is that namespace when the context names it, and says so', async () => {
    for (const args of [['log'], ['diff', '1h']]) {
      const { stdout, stderr } = await cluster.reckonTo(args, inTeam());
      expect(stdout, stderr).toMatch(/configmap\/mine|ConfigMap\.team\.mine/);
      expect(stdout).not.toMatch(/elsewhere|secret\/|v1\.Secret/);
      const [narrowed, without] = stderr.split('\n');
      expect(narrowed).toBe(
        'You may list nothing in all namespaces: of the rest, this is namespace "team" (-n names another).',
      );
      expect(without).toMatch(/^Without what you may not list: .*\bsecrets\b/);
      expect(without).not.toMatch(/\bconfigmaps\b/);
    }
    expect(await cluster.tell('blame configmap/mine', inTeam())).toContain('data.a');
  });

  it('is told which flag to give where the context or -A names what may not be read', async () => {
    for (const args of [['log'], ['diff', '1h']]) {
      const elsewhere = await cluster.reckonTo(args, jane);
      expect([elsewhere.code, elsewhere.stdout]).toEqual([args[0] === 'log' ? 1 : 2, '']);
      expect(elsewhere.stderr).toMatch(
        /at the cluster scope\n +Nor may you list anything in namespace "default"; name one in which you may with -n\.\n$/,
      );
      const everywhere = await cluster.reckonTo([...args, '-A'], inTeam());
      expect([everywhere.code, everywhere.stdout]).toEqual([args[0] === 'log' ? 1 : 2, '']);
      expect(everywhere.stderr).toMatch(/\n +Name a namespace in which you may list with -n\.\n$/);
    }
    const named = await cluster.reckonTo(['log', '-n', 'team'], jane);
    expect([named.code, rowsOf(named.stdout).map(({ object }) => object)]).toEqual([
      0,
      expect.arrayContaining(['configmap/mine']),
    ]);
    expect((await cluster.reckonTo(['at', '999999', '--', 'true'], inTeam())).stderr).toMatch(
      /^reckon: revision 999999 is not there yet\n/,
    );
    // Who may read nothing in the namespace of the context, and so is not told which is the newest.
    const ahead = await cluster.reckonTo(['at', '999999', '--', 'true'], jane);
    expect([ahead.code, ahead.stdout, ahead.stderr]).toEqual([
      1,
      '',
      'reckon: revision 999999 is not there yet\n        Name one that is, or a time.\n',
    ]);
    expect((await cluster.reckonTo(['log', '-n', 'default'], jane)).stderr).toMatch(
      /^reckon: there is nothing in namespace "default" that you may list\n/,
    );
  });
});

describe('a history that is copied', () => {
  let cluster: HistoryCluster;
  let file: string;

  beforeAll(async () => {
    cluster = await startHistoryCluster(['--nodes', '1']);
    file = join(cluster.folder, 'export.ndjson');
    await cluster.kubectl.run('create deployment web --image=nginx');
    await cluster.kubectl.run('rollout status deployment/web --timeout=60s');
    await cluster.tell(['export', '-o', file]);
  });
  afterAll(async () => {
    await cluster.dispose();
  });

  const importTo = (name: string, from = file): ReturnType<HistoryCluster['reckonTo']> =>
    cluster.reckonTo(['import', from, '--data-dir', join(cluster.folder, name)]);

  it('becomes a data directory with the same revisions, from which a cluster goes on', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const imported = await importTo('copy');
    expect(imported.stderr).toBe('');
    const copy = join(cluster.folder, 'copy');
    // Before the entries stands a header, after them their checksum.
    const count = readFileSync(file, 'utf8').trim().split('\n').length - 2;
    expect(imported.stdout).toBe(`imported ${String(count)} entries, newest revision ${String(count)}, into ${copy}\n`);
    expect(await cluster.tell(['check', '--data-dir', copy])).toBe(
      `sound: ${String(count)} entries, newest revision ${String(count)}\n`,
    );
    // The same lines come out, byte for byte.
    expect(await cluster.tell(['export', '--data-dir', copy])).toBe(readFileSync(file, 'utf8'));

    const uid = await cluster.kubectl.run('get deploy web -o jsonpath={.metadata.uid}');
    const second = await startReckon({ dataDir: copy, flags: ['--nodes', '1'] });
    const client = RawClient.of(second.kubeconfig);
    const reply = await client.send('GET', '/apis/apps/v1/namespaces/default/deployments/web');
    expect((reply.body as { metadata: { uid: string } }).metadata.uid).toBe(uid);
    const past = await client.send('GET', `/at/${String(count)}/api/v1/pods`);
    expect(past.body).toEqual(
      (await RawClient.of(cluster.reckon.kubeconfig).send('GET', `/at/${String(count)}/api/v1/pods`)).body,
    );
    client.close();
    expect(await second.end()).toBe(0);
    expect((await cluster.reckonTo(['check', '--data-dir', copy])).code).toBe(0);
    const again = await importTo('copy');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining(`${copy} is not empty`)]);
    expect((await cluster.reckonTo(['export', '-o', file])).stderr).toContain('Name a file that is not there yet.');
    expect((await cluster.reckonTo(['export', '-o', join(file, 'below')])).stderr).toContain(
      'Name a file in a folder that this user may write.',
    );
  });

  it.each<[string, (lines: string[]) => string[], string]>([
    ['of another program', () => ['PK\u0003\u0004 not ours'], 'line 1: it is not JSON'],
    ['that is empty', () => [], 'line 1: the file is empty'],
    ['of another format', (lines) => [lines[0]!.replace('/v2', '/v9'), ...lines.slice(1)], 'line 1: format: '],
    [
      'that lacks a line',
      (lines) => lines.toSpliced(9, 1),
      'line 10: revision 10 follows 8: entries between them are missing',
    ],
    ['whose end is missing', (lines) => lines.slice(0, -5), 'the file ends here, without its checksum'],
    [
      'from before checksums whose end is missing',
      (lines) => [lines[0]!.replace('/v2', '/v1'), ...lines.slice(1, -5)],
      'but goes to',
    ],
    [
      'that is cut off in a line',
      (lines) => [...lines.slice(0, 20), lines[20]!.slice(0, 99)],
      'line 21: it is not JSON',
    ],
    [
      'with a line twice',
      (lines) => lines.toSpliced(9, 0, lines[9]!),
      'line 11: revision 9 follows 9: it comes too late',
    ],
    [
      'with a flipped verb',
      (lines) => lines.with(9, lines[9]!.replace('"verb":"create"', '"verb":"update"')),
      'line 10: it follows 0',
    ],
    [
      'whose object is of another revision',
      (lines) => lines.with(9, lines[9]!.replace('"revision":9,', '"revision":10,')),
      'line 10: its object is stamped 9, not 10',
    ],
    [
      'with a name that is no name',
      (lines) => lines.with(9, lines[9]!.replace(/"name":"/, '"name":"a/')),
      'line 10: name: ',
    ],
    [
      'with a field too many',
      (lines) => lines.with(9, lines[9]!.replace('"at":', '"bt":1,"at":')),
      'line 10: Unrecognized key',
    ],
  ])('is not taken from a file %s', async (_, change, message) => {
    const bad = join(cluster.folder, 'bad.ndjson');
    writeFileSync(
      bad,
      change(readFileSync(file, 'utf8').trimEnd().split('\n'))
        .map((line) => `${line}\n`)
        .join(''),
    );
    const { code, stdout, stderr } = await importTo('bad', bad);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`reckon: ${message.startsWith('line') ? message : ''}`);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(join(cluster.folder, 'bad'))).toBe(false);
  });

  it('says where it could not be written, and is silent where nobody reads on', async () => {
    const sh = (command: string): Promise<Ran> =>
      run('sh', ['-c', command, process.execPath, reckonProgram], {
        env: { KUBECONFIG: cluster.reckon.kubeconfig, HOME: cluster.folder },
      });
    for (const [command, code] of [
      ['log', 1],
      ['blame deploy/web', 1],
      ['export', 1],
      // 1 would say that something differs.
      ['diff 1', 2],
    ] as const) {
      const full = await sh(`"$0" "$1" ${command} > /dev/full`);
      expect([full.code, full.stderr], command).toEqual([
        code,
        expect.stringMatching(
          /^reckon: cannot write to standard output: ENOSPC.*\n +What was written of it is not whole\.\n$/,
        ),
      ]);
      const piped = await sh(`"$0" "$1" ${command} | head -c 1`);
      expect([piped.code, piped.stderr], command).toEqual([0, '']);
    }
    const file = join(cluster.folder, 'too-long.ndjson');
    const cut = await sh(`trap '' XFSZ; ulimit -f 8; exec "$0" "$1" export -o ${file}`);
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining(`reckon: cannot write ${file}: EFBIG`)]);
    expect(existsSync(file)).toBe(false);
  });

  it('is not taken from a file that is not there', async () => {
    const { code, stderr } = await importTo('bad', join(cluster.folder, 'none'));
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot read')]);
  });

  it('is read offline, beside the program that writes it and after it', async () => {
    const offline = await cluster.tell(['log', 'deploy', '--data-dir', cluster.reckon.dataDir]);
    expect(offline).toBe(await cluster.tell(['log', 'deploy']));
    const blamed = await cluster.tell(['blame', 'deploy/web', '--data-dir', cluster.reckon.dataDir]);
    expect(blamed).toBe(await cluster.tell(['blame', 'deploy/web']));
    const missing = await cluster.reckonTo(['log', '--data-dir', join(cluster.folder, 'none')]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('holds no event log')]);

    expect(await cluster.reckon.end()).toBe(0);
    expect(await cluster.tell(['log', 'deploy', '--data-dir', cluster.reckon.dataDir])).toContain(
      'deployment.apps/web',
    );
    const gone = await cluster.reckonTo(['log', 'deploy']);
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringMatching(/^reckon: .*ECONNREFUSED/)]);
    expect(gone.stderr).not.toMatch(/\n\s+at /);

    const copy = (name: string): string => {
      const folder = join(cluster.folder, name);
      cpSync(cluster.reckon.dataDir, folder, { recursive: true });
      return folder;
    };
    const truncated = copy('truncated');
    truncateSync(join(truncated, 'log.db'), 200_000);
    const flipped = copy('flipped');
    flipOne(join(flipped, 'log.db'), '"replicas":1');
    for (const folder of [truncated, flipped]) {
      for (const args of [['log', '-o', 'json'], ['export'], ['check']]) {
        const { code, stderr } = await cluster.reckonTo([...args, '--data-dir', folder]);
        expect([code, stderr], args.join(' ')).toEqual([1, expect.stringContaining(join(folder, 'log.db'))]);
        expect(stderr, args.join(' ')).toMatch(/revision \d+/);
        expect(stderr).not.toMatch(/\n\s+at /);
      }
    }
    const foreign = copy('foreign');
    writeFileSync(join(foreign, 'log.db'), 'not a database at all');
    expect((await cluster.reckonTo(['log', '--data-dir', foreign])).stderr).toContain(join(foreign, 'log.db'));
  });
});

/** Flips one bit within the text, where it stands first. */
function flipOne(file: string, text: string): void {
  const at = readFileSync(file).indexOf(text);
  if (at === -1) throw new Error(`${text} is not in ${file}`);
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.from([text.charCodeAt(1) ^ 1]), 0, 1, at + 1);
  closeSync(fd);
}
