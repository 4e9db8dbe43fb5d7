import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Kubectl, type ReckonProcess, eventually, reckonProgram, run, startReckon } from '@reckon/testkit';

const stages = `
stages:
  - name: killed
    when: { deleting: true }
    after: { since: deleted }
    then: { do: kill }
  - name: slow-start
    when: { containers: none, annotations: { life: slow } }
    after: { delay: 4s }
    then: { do: start }
  - name: no-room
    when: { containers: none, annotations: { life: evicted } }
    then: { do: fail, reason: Evicted, message: "The node was low on resource: memory." }
  - name: start
    when: { containers: none, annotations: { life: crashing } }
    then: { do: start }
  - name: crash
    when: { phase: [Running], containers: running, annotations: { life: crashing } }
    after: { since: started, delay: 300ms }
    then: { do: exit, exitCodeFrom: exit-code }
  - name: restart-at-once
    when: { phase: [Running], containers: terminated }
    then: { do: restart }
  - name: restart
    when: { phase: [Running], containers: waiting }
    after: { since: finished, backOff: true }
    then: { do: restart }
`;

interface Pod {
  readonly status: {
    readonly phase: string;
    readonly startTime: string;
    readonly containerStatuses: readonly [
      {
        readonly restartCount: number;
        readonly lastState: object;
        readonly state: { readonly running?: { readonly startedAt: string } };
      },
    ];
  };
}

describe('up --pod-stages', () => {
  let folder: string;
  const stageFile = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'reckon-stages-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe('with a file of stages', () => {
    let reckon: ReckonProcess;
    let kubectl: Kubectl;

    beforeAll(async () => {
      reckon = await startReckon({ flags: ['--pod-stages', stageFile('life.yaml', stages)] });
      kubectl = new Kubectl(reckon.kubeconfig);
    });
    afterAll(async () => {
      await reckon.dispose();
    });

    const runPod = (name: string, ...annotations: string[]): Promise<string> =>
      kubectl.run(['run', name, '--image=nginx', ...annotations.map((each) => `--annotations=${each}`)]);
    /** The cells of the pod's line in `kubectl get pods`. */
    const lineOf = async (name: string): Promise<string[]> =>
      (await kubectl.run(`get pod ${name} --no-headers`)).trim().split(/ {2,}/);
    const eventsOf = async (name: string): Promise<string[]> =>
      (
        await kubectl.run([
          'get',
          'events',
          `--field-selector=involvedObject.name=${name}`,
          '-o=jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}',
        ])
      )
        .trim()
        .split('\n');

    it('a start that is delayed leaves the pod Pending until then', async () => {
      await runPod('slow', 'life=slow');
      await eventually(async () => {
        expect((await lineOf('slow')).slice(0, 4)).toEqual(['slow', '0/1', 'ContainerCreating', '0']);
      });
      await kubectl.run('wait --for=condition=Ready pod/slow --timeout=30s');
      const { status } = await kubectl.json<Pod>('get pod slow');
      const [{ state }] = status.containerStatuses;
      // Times of the API are whole seconds.
      expect(Date.parse(state.running?.startedAt ?? '') - Date.parse(status.startTime)).toBeGreaterThanOrEqual(3_000);
    });

    it('containers that end soon after each start are in CrashLoopBackOff', async () => {
      await runPod('crashing', 'life=crashing', 'exit-code=7');
      await eventually(async () => {
        expect((await lineOf('crashing'))[2]).toBe('CrashLoopBackOff');
      });
      const { status } = await kubectl.json<Pod>('get pod crashing');
      expect(status.phase).toBe('Running');
      expect(status.containerStatuses[0]).toMatchObject({
        restartCount: 1,
        ready: false,
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: expect.stringMatching(/^back-off 10s restarting failed container=crashing pod=crashing_default\(/),
          },
        },
        lastState: { terminated: { exitCode: 7, reason: 'Error' } },
      });
      await eventually(async () => {
        expect(await eventsOf('crashing')).toContainEqual(
          expect.stringMatching(
            /^BackOff: Back-off restarting failed container crashing in pod crashing_default\([0-9a-f-]{36}\)$/,
          ),
        );
      });
      expect(await kubectl.run('describe pod crashing')).toMatch(
        /Last State: +Terminated\n +Reason: +Error\n +Exit Code: +7\n/,
      );
    });

    it('a pod can be made to fail, with a reason that is told', async () => {
      await runPod('evicted', 'life=evicted');
      await kubectl.run('wait --for=jsonpath={.status.phase}=Failed pod/evicted --timeout=30s');
      expect((await lineOf('evicted'))[2]).toBe('Evicted');
      const described = await kubectl.run('describe pod evicted');
      expect(described).toMatch(
        /^Status: +Failed\nReason: +Evicted\nMessage: +The node was low on resource: memory\.$/m,
      );
    });

    it('a pod for which no stage holds stays as it is, and can be deleted', async () => {
      await runPod('unheard-of');
      await kubectl.run('wait --for=condition=PodScheduled pod/unheard-of --timeout=30s');
      await eventually(async () => {
        expect((await kubectl.json<Pod>('get pod unheard-of')).status.startTime).toBeDefined();
      });
      expect((await lineOf('unheard-of')).slice(1, 3)).toEqual(['0/1', 'ContainerCreating']);
      await kubectl.run('delete pod unheard-of --timeout=30s');
    });
  });

  it.each([
    [
      'a delay that is none',
      'stages: [{ name: a, when: {}, after: { delay: soon }, then: { do: start } }]',
      'stages.0.after.delay: must be like 250ms, 2s, 1m or 1h',
    ],
    ['an unknown action', 'stages: [{ name: a, when: {}, then: { do: fly } }]', 'stages.0.then.do: '],
    ['an unknown field', 'stages: [{ name: a, when: { mood: bad }, then: { do: start } }]', '"mood"'],
    ['no stages', '{}', 'stages: '],
    ['broken YAML', 'stages: [', 'cannot read '],
  ])('a file with %s is refused by its name and the field', async (what, text, place) => {
    const file = stageFile(`bad ${what}.yaml`, text);
    const dataDir = join(folder, what.replaceAll(' ', '-'));
    const args = ['up', '--data-dir', dataDir, '--port', '0', '--pod-stages', file];
    const { code, stdout, stderr } = await run(process.execPath, [reckonProgram, ...args]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^reckon: --pod-stages: /);
    expect(stderr).toContain(file);
    expect(stderr).toContain(place);
    expect(stderr).toContain('libs/node/kubelet/DESIGN.md');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('a file that is not there is named', async () => {
    const file = join(folder, 'none.yaml');
    const args = ['up', '--data-dir', join(folder, 'none'), '--port', '0', '--pod-stages', file];
    const { code, stderr } = await run(process.execPath, [reckonProgram, ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot read ${file}: ENOENT`);
  });
});
