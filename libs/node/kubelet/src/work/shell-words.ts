/** What stands between two simple commands of a script. */
type Connector = ';' | '&&' | '||' | '&' | '|';

export interface ShellCommand {
  readonly words: readonly ShellWord[];
  /** What comes after it; `;` after the last. */
  readonly then: Connector;
}

export interface ShellWord {
  readonly text: string;
  /** Part of the text is known only when the script runs. */
  readonly isDynamic: boolean;
}

export type Variables = ReadonlyMap<string, string>;

/**
 * The simple commands of a POSIX shell script: words without their quotes, variables with a known value replaced, redirections left
 * out. Undefined for what is more than that (functions, groups, here documents, commands in backticks): nobody need guess then.
 */
export function shellCommands(script: string, variables: Variables): readonly ShellCommand[] | undefined {
  const commands: ShellCommand[] = [];
  let words: ShellWord[] = [];
  let word: { text: string; isDynamic: boolean } | undefined;
  let isRedirected = false;
  const add = (text: string, isDynamic = false): void => {
    word = { text: (word?.text ?? '') + text, isDynamic: isDynamic || word?.isDynamic === true };
  };
  const endWord = (): void => {
    if (word !== undefined && !isRedirected) words.push(word);
    if (word !== undefined) isRedirected = false;
    word = undefined;
  };
  const endCommand = (then: Connector): void => {
    endWord();
    if (words.length > 0) commands.push({ words, then });
    words = [];
  };

  for (let at = 0; at < script.length;) {
    const rest = script.slice(at);
    const token = tokenOf(rest);
    if (token === undefined) return undefined;
    at += token.length;
    switch (token.is) {
      case 'space':
        endWord();
        break;
      case 'comment':
        if (word !== undefined) add(token.text);
        break;
      case 'connector':
        endCommand(token.then);
        break;
      case 'redirection':
        // `2>`: the digits are the file that is redirected, no word.
        if (/^\d+$/.test(word?.text ?? '')) word = undefined;
        endWord();
        isRedirected = !token.isWhole;
        break;
      case 'text':
        add(token.text);
        break;
      case 'quoted':
        addQuoted(token.text, variables, add);
        break;
      case 'variable':
        addVariable(token.name, variables, add);
        break;
      case 'substitution':
        add('', true);
        break;
    }
  }
  endCommand(';');
  return commands;
}

type Add = (text: string, isDynamic?: boolean) => void;

type Token = { readonly length: number } & (
  | { readonly is: 'space' | 'substitution' }
  | { readonly is: 'comment' | 'text' | 'quoted'; readonly text: string }
  | { readonly is: 'connector'; readonly then: Connector }
  | { readonly is: 'redirection'; readonly isWhole: boolean }
  | { readonly is: 'variable'; readonly name: string }
);

const variablePattern = /^\$(?:(\w+|[?$!@*#])|\{(\w+)\})/;

function tokenOf(rest: string): Token | undefined {
  const match = (pattern: RegExp): string => pattern.exec(rest)?.[0] ?? '';
  const [first = ''] = rest;
  const spaces = match(/^(?:[ \t]|\\\n)+/);
  if (spaces !== '') return { is: 'space', length: spaces.length };
  if (first === '#') return { is: 'comment', text: '#', length: match(/^#[^\n]*/).length };
  const connector = match(/^(?:&&|\|\||;|\n|\||&(?!>))/);
  if (connector !== '') {
    const then = connector === '\n' ? ';' : (connector as Connector);
    return { is: 'connector', then, length: connector.length };
  }
  if (rest.startsWith('<<')) return undefined;
  const duplicated = match(/^[<>]&(?:\d+|-)/);
  if (duplicated !== '') return { is: 'redirection', isWhole: true, length: duplicated.length };
  const redirection = match(/^(?:&?>>?|<)/);
  if (redirection !== '') return { is: 'redirection', isWhole: false, length: redirection.length };
  if (first === "'") {
    const text = match(/^'[^']*'/);
    return text === '' ? undefined : { is: 'text', text: text.slice(1, -1), length: text.length };
  }
  if (first === '"') {
    const text = match(/^"(?:[^"\\`]|\\[\s\S])*"/);
    // A command within may have quotes of its own.
    return text === '' || text.includes('$(')
      ? undefined
      : { is: 'quoted', text: text.slice(1, -1), length: text.length };
  }
  if (first === '\\') return rest.length === 1 ? undefined : { is: 'text', text: rest.slice(1, 2), length: 2 };
  // What a substituted command does takes its time, which is none only if it is short and waits for nothing.
  const substitution = match(/^\$\(\(?[^()`]*\)\)?/);
  if (substitution !== '')
    return /\bsleep\b/.test(substitution) ? undefined : { is: 'substitution', length: substitution.length };
  const variable = variablePattern.exec(rest);
  if (variable !== null) return { is: 'variable', name: variable[1] ?? variable[2] ?? '', length: variable[0].length };
  if (/^[`(){}$]/.test(first)) return undefined;
  const text = match(/^[^\s;&|<>'"\\$`(){}]+/);
  return text === '' ? undefined : { is: 'text', text, length: text.length };
}

/** Between double quotes only variables, and a few characters after a backslash, stand for something else. */
function addQuoted(text: string, variables: Variables, add: Add): void {
  add('');
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const variable = variablePattern.exec(rest);
    const plain = /^(?:[^\\$]|\\[^$"\\])+/.exec(rest)?.[0] ?? '';
    if (variable !== null) {
      addVariable(variable[1] ?? variable[2] ?? '', variables, add);
      at += variable[0].length;
    } else if (plain !== '') {
      add(plain);
      at += plain.length;
    } else {
      add(rest.startsWith('\\') ? rest.slice(1, 2) : rest.slice(0, 1), rest.startsWith('$'));
      at += rest.startsWith('\\') ? 2 : 1;
    }
  }
}

function addVariable(name: string, variables: Variables, add: Add): void {
  const value = variables.get(name);
  if (value === undefined) add('', true);
  else add(value);
}
