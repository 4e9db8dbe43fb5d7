import { type StaticToken, parseTokenFile } from '@reckon/serve/authn';
import { readFileSync } from 'node:fs';
import { OptionError } from './option-error';

/** The tokens of `--token-auth-file`; none without the flag. */
export function readTokenFile(file: string | undefined): readonly StaticToken[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new OptionError(
      `--token-auth-file: cannot read ${file}`,
      'name a file with lines of token,user,uid,"group1,group2"',
      {
        cause,
      },
    );
  }
  return parseTokenFile(text);
}
