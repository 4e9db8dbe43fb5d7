import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** The full names of a spec's tests, as its source has them: the titles from the outermost `describe` to the `it`. */
export function testNames(file: string): readonly string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const names: string[] = [];
  const visit = (node: ts.Node, titles: readonly string[]): void => {
    const called = calledWithTitle(node);
    if (called === undefined)
      ts.forEachChild(node, (child) => {
        visit(child, titles);
      });
    else if (called.callee === 'it') names.push([...titles, called.title].join(' '));
    else
      ts.forEachChild(node, (child) => {
        visit(child, [...titles, called.title]);
      });
  };
  visit(source, []);
  return names;
}

function calledWithTitle(node: ts.Node): { readonly callee: 'describe' | 'it'; readonly title: string } | undefined {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const callee = node.expression.text;
  const [title] = node.arguments;
  if ((callee !== 'describe' && callee !== 'it') || title === undefined) return undefined;
  if (!ts.isStringLiteralLike(title)) throw new Error(`${node.getSourceFile().fileName}: a title that is no literal`);
  return { callee, title: title.text };
}
