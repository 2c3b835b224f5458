// What TypeScript must know of the kernels, read from their source: assembly/index.ts says which functions there are, and
// what these and the files behind them declare follows. Nothing of it is written twice.
//
//   @unmanaged class      a struct that a function takes, or that is @shared: its fields in order. A field whose comment says @optional may be left out: it is 0 then.
//   export enum           an enumeration
//   @shared const         a number that both sides rely on, by a comment that says so
//   f(p, task, scratch)   an entry point in tasks of the struct p, with `fTasks(p)` and, if it needs scratch, `fScratch(p)`
//   f(p)                  any other function of a struct
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

/** All declarations that a module exports, by name, and those of the modules that it imports. */
function readModules(root, entry) {
  const modules = new Map();
  const visit = (path) => {
    if (modules.has(path)) return;
    const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
    modules.set(path, source);
    for (const { moduleSpecifier } of source.statements) {
      if (moduleSpecifier) visit(`${resolve(dirname(path), moduleSpecifier.text)}.ts`);
    }
  };
  visit(resolve(root, entry));
  return modules;
}

const commentOf = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .map((comment) => comment.getText())
    .join('\n');

function fail(node, reason) {
  const source = node.getSourceFile();
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  throw new Error(`${source.fileName}:${line + 1}: ${reason}`);
}

/** A number, as the source states it: a literal, or a sum, product or shift of some. */
function numberOf(node) {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node)) return -numberOf(node.operand);
  const operations = { '<<': (a, b) => a << b, '*': (a, b) => a * b, '+': (a, b) => a + b };
  const operation = ts.isBinaryExpression(node) && operations[node.operatorToken.getText()];
  if (!operation) fail(node, `a shared constant was ${node.getText()}; it must be a number`);
  return operation(numberOf(node.left), numberOf(node.right));
}

const kinds = { usize: 'pointer', i32: 'i32', f32: 'f32' };

function fieldOf(member) {
  const type = member.type?.getText();
  if (!kinds[type]) fail(member, `the type of a field was ${type}; it must be one of ${Object.keys(kinds).join(', ')}`);
  const optional = /@optional\b/.test(commentOf(member));
  return { name: member.name.text, kind: kinds[type], optional };
}

function readDeclarations(modules) {
  const found = { structs: new Map(), enums: new Map(), constants: new Map() };
  for (const source of modules.values()) {
    for (const node of source.statements) {
      if (
        ts.isClassDeclaration(node) &&
        ts.getDecorators(node)?.some((one) => one.expression.getText() === 'unmanaged')
      ) {
        const fields = node.members.filter(ts.isPropertyDeclaration);
        found.structs.set(node.name.text, { fields, shared: /@shared\b/.test(commentOf(node)) });
      } else if (ts.isEnumDeclaration(node)) {
        let next = 0;
        const members = node.members.map(({ name, initializer }) => {
          next = initializer ? numberOf(initializer) : next;
          return [name.text, next++];
        });
        found.enums.set(node.name.text, members);
      } else if (ts.isVariableStatement(node) && /@shared\b/.test(commentOf(node))) {
        for (const { name, initializer } of node.declarationList.declarations) {
          found.constants.set(name.text, numberOf(initializer));
        }
      }
    }
  }
  return found;
}

/** The functions that the entry module exports, in its order: the type of their first parameter by their name. */
function readExports(modules, entry) {
  const exported = modules.get(entry).statements.flatMap(({ exportClause, moduleSpecifier }) => {
    const source = modules.get(`${resolve(dirname(entry), moduleSpecifier.text)}.ts`);
    return exportClause.elements.map(({ name: { text } }) => {
      const found = source.statements.find((node) => ts.isFunctionDeclaration(node) && node.name.text === text);
      return [text, found.parameters[0]?.type.getText()];
    });
  });
  return new Map(exported);
}

const block = (lines) => `{\n${lines.map((line) => `  ${line},\n`).join('')}}`;

/**
 * @param root folder of the project
 * @param entry the module that exports the functions
 * @param pointer the module with Pointer, as the text imports it
 * @returns the text of src/runtime/generated/bindings.ts, or of another entry's
 * @throws Error `file:line: reason` for what it does not understand
 */
export function bindings(root, entry = 'assembly/index.ts', pointer = '../pointer.js') {
  const modules = readModules(root, entry);
  const { structs, enums, constants } = readDeclarations(modules);
  const exported = readExports(modules, resolve(root, entry));
  const names = [...exported.keys()];
  const tasks = names.filter((name) => names.includes(`${name}Tasks`));
  const others = names.filter((name) => !tasks.includes(name) && !tasks.includes(name.replace(/(Tasks|Scratch)$/, '')));
  const structOf = (name) => {
    const struct = exported.get(name);
    if (!structs.has(struct)) throw new Error(`${entry}: ${name} takes ${struct}; it must take a struct`);
    return struct;
  };
  const taken = new Set([...tasks, ...others].map(structOf));
  const used = [...structs].flatMap(([name, { fields, shared }]) =>
    taken.has(name) || shared ? [[name, fields.map(fieldOf)]] : [],
  );
  const layouts = used.map(
    ([name, fields]) => `${name}: { ${fields.map((field) => `${field.name}: '${field.kind}'`).join(', ')} }`,
  );
  const values = used.map(([name, fields]) => {
    const types = fields.map(({ name, kind, optional }) => {
      return `${name}${optional ? '?' : ''}: ${kind === 'pointer' ? 'Pointer' : 'number'}${optional ? ' | undefined' : ''}`;
    });
    return `  ${name}: { ${types.join('; ')} };\n`;
  });
  return [
    '// Written by scripts/bindings.mjs from assembly/.',
    `import type { Pointer } from '${pointer}';`,
    `/** Fields of the structs that kernels read, in their order. */\nexport const structs = ${block(layouts)} as const;`,
    `/** What fills them. */\nexport interface StructValues {\n${values.join('')}}`,
    '/** Entry points in tasks, in the order of their numbers, and their structs. */',
    `export const tasks = ${block(tasks.map((name) => `${name}: '${structOf(name)}'`))} as const;`,
    '/** Other functions of a struct. */',
    `export const functions = ${block(others.map((name) => `${name}: '${structOf(name)}'`))} as const;`,
    ...[...enums].map(
      ([name, members]) =>
        `export const ${name} = { ${members.map(([member, value]) => `${member}: ${value}`).join(', ')} } as const;`,
    ),
    ...[...constants].map(([name, value]) => `export const ${name} = ${value};`),
    '',
  ].join('\n');
}
