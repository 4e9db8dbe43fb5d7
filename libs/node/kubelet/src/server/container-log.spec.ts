import { describe, expect, it } from 'vitest';
import type { Pod } from '../stages/next-stage';
import { containerLog, podLogLines } from './container-log';
import { parseLogQuery } from './log-query';

const ended = (exitCode: number) => ({
  exitCode,
  containerID: 'reckon://before',
  startedAt: '2026-01-01T00:00:01Z',
  finishedAt: '2026-01-01T00:00:05Z',
});

const pod = (status: object): Pod =>
  ({
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      containers: [
        { name: 'main', image: 'nginx', command: ['run'], args: ['-v', 'x'] },
        { name: 'never', image: 'nginx' },
      ],
      initContainers: [{ name: 'first', image: 'busybox' }],
      ephemeralContainers: [{ name: 'debug', image: 'busybox' }],
    },
    status: {
      containerStatuses: [{ name: 'main', containerID: 'reckon://now', ...status }],
      initContainerStatuses: [{ name: 'first', state: { terminated: ended(0) } }],
      ephemeralContainerStatuses: [{ name: 'debug', state: { running: { startedAt: '2026-01-01T00:01:00Z' } } }],
    },
  }) as unknown as Pod;

const runningPod = pod({
  state: { running: { startedAt: '2026-01-01T00:00:09Z' } },
  lastState: { terminated: ended(3) },
});
const started = 'simulated container main of default/web started: image nginx, command run -v x';

describe('a container’s log', () => {
  it('tells of its start while it runs', () => {
    expect(containerLog(runningPod, 'main')).toEqual({
      containerId: 'reckon://now',
      isRunning: true,
      lines: [{ atMs: Date.UTC(2026, 0, 1, 0, 0, 9), text: started }],
    });
  });

  it('tells of the end of the run before', () => {
    expect(containerLog(runningPod, 'main', true)).toEqual({
      containerId: 'reckon://before',
      isRunning: false,
      lines: [
        { atMs: Date.UTC(2026, 0, 1, 0, 0, 1), text: started },
        { atMs: Date.UTC(2026, 0, 1, 0, 0, 5), text: 'simulated container main ended with exit code 3' },
      ],
    });
  });

  it('is there for init and ephemeral containers', () => {
    expect(podLogLines(runningPod, 'first')).toHaveLength(2);
    expect(podLogLines(runningPod, 'debug')).toHaveLength(1);
  });

  it('is the last run’s while the next waits', () => {
    const waiting = pod({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: ended(1) } });
    expect(containerLog(waiting, 'main')).toMatchObject({ containerId: 'reckon://before', isRunning: false });
  });

  it.each([
    [runningPod, 'none', false, 'container "none" in pod "web" is not available'],
    [runningPod, 'never', false, 'container "never" in pod "web" is not available'],
    [pod({ state: {} }), 'main', true, 'previous terminated container "main" in pod "web" not found'],
    [pod({ state: {} }), 'main', false, 'container "main" in pod "web" is waiting to start: ContainerCreating'],
    [
      pod({ state: { waiting: { reason: 'ErrImagePull' } } }),
      'main',
      false,
      'container "main" in pod "web" is waiting to start: image can\'t be pulled',
    ],
    [
      pod({ state: { waiting: { reason: 'ImagePullBackOff' } } }),
      'main',
      false,
      'container "main" in pod "web" is waiting to start: trying and failing to pull image',
    ],
  ])('is refused where there is none (%#)', (of, container, previous, message) => {
    expect(() => containerLog(of, container, previous)).toThrow(message);
    expect(podLogLines(of, container, previous)).toBeUndefined();
  });
});

describe('a log query', () => {
  const parse = (text: string) => parseLogQuery(new URLSearchParams(text), 100_000);

  it('is read as Go reads it', () => {
    expect(parse('follow=True&previous=&timestamps=yes')).toEqual({ follow: true, previous: true, timestamps: true });
    expect(parse('follow=False&previous=0&timestamps=FALSE')).toEqual(parse(''));
    expect(parse('')).toEqual({ follow: false, previous: false, timestamps: false });
    expect(parse('follow&previous=1&timestamps=true&tailLines=0&limitBytes=7&sinceSeconds=30')).toEqual({
      follow: true,
      previous: true,
      timestamps: true,
      tailLines: 0,
      limitBytes: 7,
      fromMs: 70_000,
    });
    expect(parse('sinceTime=1970-01-01T00:00:09Z').fromMs).toBe(9_000);
  });

  it.each([
    'tailLines=-1',
    'limitBytes=0',
    'sinceSeconds=x',
    'sinceTime=yesterday',
    'sinceSeconds=1&sinceTime=1970-01-01T00:00:09Z',
  ])('is refused: %s', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  });
});
