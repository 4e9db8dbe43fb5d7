import path from 'node:path';

const KEBAB = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const VAGUE = /^(utils?|helpers?|common|misc)$/;

/**
 * A file name answers "where is it?": kebab-case everywhere, and no drawer that holds anything.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const fileNames = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      kebab: "'{{name}}' is not kebab-case.",
      vague: "'{{name}}' says nothing about what is in it: name it after its mechanism.",
    },
  },
  create(context) {
    return {
      Program(node) {
        const relative = path.relative(context.cwd, context.filename);
        if (relative.startsWith('..')) return;
        for (const name of relative.split(path.sep)) {
          if (!KEBAB.test(name)) context.report({ node, messageId: 'kebab', data: { name } });
          if (name.split('.').some((part) => VAGUE.test(part)))
            context.report({ node, messageId: 'vague', data: { name } });
        }
      },
    };
  },
};
