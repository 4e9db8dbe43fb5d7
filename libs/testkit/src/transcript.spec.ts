import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { maskOutput, parseTranscript, renderTranscript, replay } from './transcript';

/** For commands that need no cluster. */
const nowhere = { kubeconfig: '', dataDir: tmpdir() };

const text = `$ echo one
one
$ cat <<'EOF'
two
three
EOF
two
three
$ true
`;

describe('a transcript', () => {
  it('is read into steps with input and expected output', () => {
    expect(parseTranscript(text)).toEqual([
      { command: 'echo one', stdin: '', expected: 'one\n' },
      { command: 'cat', stdin: 'two\nthree\n', expected: 'two\nthree\n' },
      { command: 'true', stdin: '', expected: '' },
    ]);
  });

  it('is written as it was read', () => {
    expect(renderTranscript(parseTranscript(text))).toBe(text);
  });

  it('replays to itself, and a wrong expectation shows', async () => {
    const steps = parseTranscript(text);
    expect(await replay(steps, nowhere)).toEqual(steps);
    const wrong = parseTranscript('$ echo one\ntwo\n');
    expect(await replay(wrong, nowhere)).not.toEqual(wrong);
  });

  it('says where the last line is not ended, so that the next command is read', async () => {
    const steps = parseTranscript('$ printf ok\nok\n\\ no newline at the end\n$ true\n');
    expect(steps).toHaveLength(2);
    expect(await replay(steps, nowhere)).toEqual(steps);
  });

  it('keeps indentation and the seconds of a toleration', () => {
    expect(maskOutput('  a:\n    b:   NoExecute for 300s\n')).toBe('  a:\n    b:  NoExecute for 300s\n');
  });

  it('masks what differs from run to run', () => {
    expect(maskOutput('web-6d4cf56db6-x7k2p   1/1   Running   0   2m10s   10.244.0.7')).toBe(
      'web-<hash>-<suffix>  1/1  Running  0  <age>  <pod-ip>',
    );
  });
});
