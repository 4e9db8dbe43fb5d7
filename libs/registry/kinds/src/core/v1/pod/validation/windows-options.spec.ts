import { describe, expect, it } from 'vitest';
import { changed, runCreate } from '../../../../testing/run-strategy';

const pod = {
  metadata: { name: 'p', namespace: 'team' },
  spec: {
    containers: [
      { name: 'app', image: 'registry.example/app:3' },
      { name: 'log', image: 'registry.example/log:1' },
    ],
  },
};

const options = 'spec.containers[0].securityContext.windowsOptions';
const label = 'a'.repeat(63);

describe('the options of a Windows container', () => {
  const refusalsOf = (windowsOptions: object): readonly string[] =>
    runCreate('/pods', changed(pod, { 'spec.containers.0.securityContext': { windowsOptions } })).refusals;

  it.each<[string, string]>([
    ['', 'runAsUserName cannot be an empty string'],
    ['a\tb', 'runAsUserName cannot contain control characters'],
    ['a\\b\\c', 'runAsUserName cannot contain more than one backslash'],
    [`${[label, label, label, label].join('.')}.\\me`, "runAsUserName's Domain length must be under 256 characters"],
    ['bad:name\\me', "runAsUserName's Domain doesn't match the NetBios nor the DNS format"],
    ['team\\', "runAsUserName's User cannot be empty"],
    ['a'.repeat(105), "runAsUserName's User length must not be longer than 104 characters"],
    ['. .', "runAsUserName's User cannot contain only periods or spaces"],
    ['a@b', `runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`],
  ])('may not name the user %j', (runAsUserName, detail) => {
    const refusals = refusalsOf({ runAsUserName });
    expect(refusals[0]).toBe(`${options}.runAsUserName: Invalid value: ${JSON.stringify(runAsUserName)}: ${detail}`);
  });

  it.each(['a b', 'a'.repeat(104), 'NET.bios\\me', 'dc_1\\me', `${label}.example\\me`])(
    'may name the user %j',
    (runAsUserName) => {
      expect(refusalsOf({ runAsUserName })).toEqual([]);
    },
  );

  it.each<[object, string]>([
    [{ gmsaCredentialSpecName: 'A' }, 'gmsaCredentialSpecName: Invalid value: "A": a lowercase RFC 1123 subdomain'],
    [{ gmsaCredentialSpec: '' }, 'gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string'],
    [{ gmsaCredentialSpec: 'x'.repeat(64 * 1024 + 1) }, 'gmsaCredentialSpec size must be under 64 KiB'],
  ])('may not be %j', (windowsOptions, message) => {
    const refusals = refusalsOf(windowsOptions);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(message);
  });

  it('may be an account of the directory', () => {
    expect(refusalsOf({ gmsaCredentialSpecName: 'web', gmsaCredentialSpec: 'x'.repeat(64 * 1024) })).toEqual([]);
  });
});

describe('processes on the host of a Windows pod', () => {
  const hostProcess = (own: Partial<Record<'pod' | 'app' | 'log', boolean>>): readonly string[] => {
    const of = (value: boolean | undefined): object => ({ windowsOptions: { hostProcess: value } });
    return runCreate(
      '/pods',
      changed(pod, {
        'spec.hostNetwork': true,
        'spec.securityContext': of(own.pod),
        'spec.containers.0.securityContext': of(own.app),
        'spec.containers.1.securityContext': of(own.log),
      }),
    ).refusals;
  };

  it('are all or none', () => {
    expect(hostProcess({ app: true })).toEqual([
      'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
    ]);
    expect(hostProcess({ app: true, log: true })).toEqual([]);
    expect(hostProcess({ pod: true })).toEqual([]);
  });

  it('are what pod and container agree on', () => {
    expect(hostProcess({ pod: false, app: true, log: true })).toEqual(
      [0, 1].map(
        (index) =>
          `spec.containers[${String(index)}].securityContext.windowsOptions.hostProcess: Invalid value: true: pod hostProcess value must be identical if both are specified, was false`,
      ),
    );
    expect(hostProcess({ pod: true, app: true })).toEqual([]);
  });
});
