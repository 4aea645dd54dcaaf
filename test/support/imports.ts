/** Reads a source file with the TypeScript parser: every import in every form, every `any`, every use of clock or randomness. */
import ts from 'typescript';

export interface SourceFacts {
  /** Module specifiers, static, dynamic, re-exported, `require`d and in type positions; `*` for one that cannot be read. */
  readonly imports: readonly string[];
  readonly anys: number;
  /** Ambient clock or randomness: the text of each use. */
  readonly ambient: readonly string[];
  /** Names of the ambient `process` object or `console` that are used. */
  readonly globals: readonly string[];
  readonly opening: string;
}

const AMBIENT = /^(Date\.now|performance\.now|Math\.random|(crypto\.)?(randomBytes|randomUUID|randomInt|getRandomValues|webcrypto\.getRandomValues))$/;

export function readSource(name: string, text: string): SourceFacts {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
  const imports: string[] = [];
  const ambient: string[] = [];
  const globals: string[] = [];
  let anys = 0;
  const specifier = (node: ts.Node | undefined) => imports.push(node && ts.isStringLiteralLike(node) ? node.text : '*');
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) specifier(node.moduleSpecifier);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) specifier(node.moduleSpecifier);
    else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) specifier(node.moduleReference.expression);
    else if (ts.isImportTypeNode(node)) specifier(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      if (callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')) specifier(node.arguments[0]);
      const name = callee.getText(file).replace(/^globalThis\./, '');
      if (AMBIENT.test(name)) ambient.push(name);
    } else if (ts.isNewExpression(node) && node.expression.getText(file) === 'Date' && (node.arguments?.length ?? 0) === 0) ambient.push('new Date()');
    else if (node.kind === ts.SyntaxKind.AnyKeyword) anys += 1;
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && ['process', 'console'].includes(node.expression.text)) globals.push(`${node.expression.text}.${node.name.text}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, anys, ambient, globals, opening: /^(#!.*\n)?\/\*\*\s*(.+?)\s*(\*\/|\n)/.exec(text)?.[2] ?? '' };
}
