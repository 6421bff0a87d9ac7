/**
 * An ESLint rule that keeps words out of comments, messages and labels for which this project has decided on another: one
 * word for one thing, and the word of the field. Exceptions are disabled where they occur, with the reason.
 */

/** Pattern of the word → what to write instead. */
const wordTable = [
  [/\bpictures?\b/gi, 'image'],
  [/\bown (?:images?|photos?)\b/gi, 'your images'],
  [/\bdata sets?\b/gi, 'dataset'],
  [/\b(?:go|goes|going|went|gone) on\b/gi, 'continue, resume'],
  [/\bat rest\b/gi, 'finished, stopped'],
  [/\bfor ever\b/gi, 'permanently'],
  [/\b(?:is|are|was|were|be|been|being) told\b/gi, 'reports, shows, notifies'],
  [/\btold apart\b/gi, 'distinguished'],
  [/\btells?\b/gi, 'reports, shows, notifies'],
  [/\bstands? (?:in|beside|for|below|above)\b/gi, 'is in, is next to, means'],
  [/\bin the words of\b/gi, 'expressed as, in terms of'],
  [/\banew\b/gi, 'again, from scratch'],
  [/\bby then\b/gi, 'partial result, so far'],
  [/\bbeside\b/gi, 'next to, compared with'],
  [/\b(?:is|are) asked for\b/gi, 'is requested'],
  [/\bhand(?:s|ed)? over\b/gi, 'passes, passed'],
  [/\bmeans? over symmetries\b/gi, 'self-ensemble'],
  [/\baverages? of (?:the )?weights\b/gi, 'EMA of the weights'],
  [/\bshares? of (?:the )?(?:pixels|batch|images)\b/gi, 'fraction, ratio'],
  [/\bdrawn (?:at random|numbers?)\b/gi, 'sampled, generated'],
];

/** SQL names tables that are older than the word table. */
const sql = /\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|PRAGMA)\b/;

/** Part of a path, a selector or an identifier in backticks. */
function isName(text, { 0: { length }, index }) {
  return /[#./`-]/.test(text[index - 1] ?? ' ') || /[/`-]/.test(text[index + length] ?? ' ');
}

/** @type {import('eslint').Rule.RuleModule} */
const plainWords = {
  meta: {
    type: 'suggestion',
    docs: { description: 'disallow words that are not the word of the field' },
    messages: { word: '"{{found}}": write {{instead}}.' },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    function check(text, start) {
      if (sql.test(text)) return;
      for (const [pattern, instead] of wordTable) {
        for (const match of text.matchAll(pattern)) {
          if (isName(text, match)) continue;
          const from = start + match.index;
          context.report({
            loc: {
              start: sourceCode.getLocFromIndex(from),
              end: sourceCode.getLocFromIndex(from + match[0].length),
            },
            messageId: 'word',
            data: { found: match[0], instead },
          });
        }
      }
    }
    /** A string without a space is a name, and names may be stored. */
    const isSentence = (text) => /\S\s+\S/.test(text);
    const checkNode = (node) => {
      const text = sourceCode.text.slice(...node.range);
      if (isSentence(text)) check(text, node.range[0]);
    };
    const script = {
      Program() {
        for (const comment of sourceCode.getAllComments()) check(comment.value, comment.range[0] + 2);
      },
      Literal(node) {
        if (typeof node.value === 'string' && node.parent.type !== 'ImportDeclaration') checkNode(node);
      },
      TemplateElement: checkNode,
    };
    const services = sourceCode.parserServices;
    if (!services.defineTemplateBodyVisitor) return script;
    const page = {
      VText: checkNode,
      VLiteral: checkNode,
      Literal: script.Literal,
      TemplateElement: checkNode,
    };
    return services.defineTemplateBodyVisitor(page, script);
  },
};

export const language = { rules: { 'plain-words': plainWords } };
