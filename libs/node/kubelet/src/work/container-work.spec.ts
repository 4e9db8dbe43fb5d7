import { describe, expect, it } from 'vitest';
import { containerWork } from './container-work';

/** `5 0`: five seconds, then exit code 0; `?`: nobody can tell. */
const told = (container: Parameters<typeof containerWork>[0]): string => {
  const work = containerWork(container);
  return work === undefined ? '?' : `${String(work.durationMs / 1000)} ${String(work.exitCode)}`;
};
const script = (text: string, shell = ['sh', '-c']): string => told({ command: [...shell, text] });

describe('the work of a container', () => {
  it.each<[string, Parameters<typeof containerWork>[0], string]>([
    ['no command', { image: 'nginx:1.29' }, '?'],
    ['a program of its own', { image: 'nginx', command: ['nginx'], args: ['-g', 'daemon off;'] }, '?'],
    ['sleep', { command: ['sleep', '1000000'] }, '1000000 0'],
    ['a path', { command: ['/bin/sleep', '.5'] }, '0.5 0'],
    ['units', { command: ['sleep'], args: ['1d', '2h', '3m', '4s'] }, '93784 0'],
    ['sleep for ever', { command: ['sleep', 'infinity'] }, 'Infinity 0'],
    ['a sleep that is none', { command: ['sleep', 'a-while'] }, '?'],
    ['sleep without a time', { command: ['sleep'] }, '?'],
    ['arguments alone', { image: 'busybox', args: ['sleep', '30'] }, '30 0'],
    ['true', { command: ['/bin/true'] }, '0 0'],
    ['false', { command: ['false'] }, '0 1'],
    ['one that asks a server', { image: 'busybox', command: ['wget'], args: ['web:80'] }, '0 0'],
    ['a log that is followed', { command: ['tail', '-f', '/dev/null'] }, 'Infinity 0'],
    ['pause', { image: 'registry.k8s.io/pause:3.10' }, 'Infinity 0'],
    ['pause by its digest', { image: 'localhost:5000/pause@sha256:00' }, 'Infinity 0'],
    [
      'a server of the test image',
      { image: 'k8s.gcr.io/e2e-test-images/agnhost:2.21', args: ['netexec'] },
      'Infinity 0',
    ],
    ['another program of it', { image: 'agnhost', args: ['mounttest', '--fs_type=/etc'] }, '?'],
    ['an image called as an inherited name', { image: 'constructor', args: ['x'] }, '?'],
    ['a variable of Kubernetes', { command: ['sleep', '$(LONG)'], env: [{ name: 'LONG', value: '7' }] }, '7 0'],
    ['a variable that is not told', { command: ['sleep', '$(LONG)'] }, '?'],
    ['a variable of the shell', { command: ['sh', '-c', 'sleep ${LONG}'], env: [{ name: 'LONG', value: '7' }] }, '7 0'],
    ['a shell that reads its input', { command: ['sh'] }, '?'],
    ['a shell that reads a file', { command: ['sh', '/run.sh'] }, '?'],
  ])('is told by %s', (_, container, expected) => {
    expect(told(container)).toBe(expected);
  });

  it.each<[string, string]>([
    ['exit', '0 0'],
    ['exit 3', '0 3'],
    ['exit 256', '0 0'],
    ['false; exit', '0 1'],
    ['false', '0 1'],
    ['exit $(( $RANDOM / 16384 ))', '0 0'],
    ['echo hello; sleep 5', '5 0'],
    ['sleep 2 && sleep 3', '5 0'],
    ['true && exit 4 || exit 5', '0 4'],
    ['false && sleep 100 || exit 5', '0 5'],
    ['true || sleep 100', '0 0'],
    ['echo \'a; sleep 9\' "b && sleep 9" c\\;d # sleep 9\nsleep 1', '1 0'],
    ['echo "it is $(date)" > /tmp/x 2>&1; sleep 1', '?'],
    ['echo it is $(date) > /tmp/x 2>&1; sleep 1', '1 0'],
    ['echo $(sleep 5)', '?'],
    ['echo `date`', '?'],
    ['cat <<END\nEND', '?'],
    ['X=1 Y=2; sleep 1', '1 0'],
    ['TZ=UTC sleep 1', '1 0'],
    ['exec sleep 4; sleep 5', '4 0'],
    ['/usr/local/bin/work && sleep 5', '?'],
    ['if true; then sleep 5; fi', '?'],
    ['for i in 1 2; do sleep 5; done', '?'],
    ['f() { sleep 5; }; f', '?'],
    ['echo "open', '?'],
    ['sleep 5 | sleep 3', '?'],
    ['while true; do date; sleep 5; done', 'Infinity 0'],
    ['trap "exit 0" TERM; while :; do sleep 1; done', 'Infinity 0'],
    ['while true; do sleep 5; break; done', '?'],
    ['while work; do sleep 5; done', '?'],
    ['sleep 9 & sleep 2; wait', '9 0'],
    ['sleep 9 & sleep 2', '2 0'],
    ['false; sleep 1', '1 0'],
    ['set -e; false; sleep 1', '0 1'],
    ['set -ex\nfalse || true\nsleep 1', '1 0'],
    ['bash -c "sleep 6; exit 2"', '6 2'],
    ['', '0 0'],
  ])('is told by the script %j', (text, expected) => {
    expect(script(text)).toBe(expected);
  });

  it('stops a script at its first failure where the shell is told to', () => {
    expect(script('false; sleep 1', ['bash', '-ec'])).toBe('0 1');
    expect(script('false; sleep 1', ['/bin/bash', '-e', '-x', '-c'])).toBe('0 1');
    expect(script('sleep 1', ['sh', '-lc'])).toBe('1 0');
  });

  it('reads a script that is long, or broken in any place, in little time', () => {
    const text = 'trap "exit 0" TERM; echo "a $HOME" \'b\' > /x; while :; do sleep 1; done # end';
    for (let end = 0; end <= text.length; end++) expect(() => script(text.slice(0, end))).not.toThrow();
    expect(script('echo "a b"; '.repeat(5_000))).toBe('0 0');
    expect(script('sh -c "'.repeat(2_000))).toBe('?');
  });
});
