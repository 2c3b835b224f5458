import { createServer } from 'node:http';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strToU8, zipSync } from 'fflate';
import { createProgram } from '../../dist/cli/run.js';

/** How commands end whose input was accepted, but is not what the model takes, or asks for a data set that nobody has. */
export const ACCEPTED =
  /data set was 'no such data'|the cases (are|have) [\w ]+; they must (be|have) \w+, as the model|; the model knows /;

/** Name of a data set that nobody has. */
export const NO_DATA = 'no such data';

const SERIES = '@classLabel true down up\n@data\n';
const lines = ['-2,-1,0:up', '2,1,0.5,-1:down', '-1,0,?:up', '1,NaN,-1:down'].join('\n');

/** The file of the other part of a data set, which is as it should be. */
const otherPart = {
  ts: `${SERIES}${lines}\n`,
  csv: 'label,t0,t1\nup,1,2\ndown,2,1\n',
  tsv: 'Source\tTarget\n( ( [MAX 2 ) 3 ) ]\t3\n',
};

/** Series with numbers to learn, and a table in the order of time. */
const numbered = '@univariate true\n@targetLabel true\n@data\n1,2,3:0.5\n3,2,1:1.5\n';
const timeTable = `time,x\n${Array.from({ length: 30 }, (_, i) => `${i},${(i * 7) % 5}`).join('\n')}\n`;

const idx = (shape, values) => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, Buffer.from(values)]);
};
const pixels = (count) => Array.from({ length: count }, (_, index) => (index * 37) % 256);
const cifar = (cases) =>
  Buffer.concat(Array.from({ length: cases }, (_, index) => Buffer.from([index % 10, ...pixels(3072)])));

/**
 * The kinds of inputs: seeds, how they are changed, and the command line that reads them.
 *
 * @param place folder for what a try writes; `models`: folders of saved models by kind, `modelFiles`: contents of one
 */
export async function makeTargets({ models, modelFiles, readModel, server }) {
  const inFolder =
    (files, name = 'series') =>
    async (input, place) => {
      const folder = join(place, 'data');
      await mkdir(folder, { recursive: true });
      for (const [name, content] of files(input)) await writeFile(join(folder, name), content);
      return ['evaluate', '--model', models[name], '--data', folder];
    };
  const cases =
    (kind, format = 'json') =>
    async (input, place) => {
      const file = join(place, 'cases');
      await writeFile(file, input);
      return ['predict', '--model', models[kind], '--input', file, '--format', format];
    };
  const config = (command, more) => async (input, place) => {
    const file = join(place, 'config.json');
    await writeFile(file, input);
    // The data set comes from the flag, and there is none of this name: whatever the file says, nothing is trained.
    return [command, '--config', file, '--data', NO_DATA, ...more];
  };
  const model = (change) => async (input, place) => {
    const folder = join(place, 'model');
    await mkdir(folder, { recursive: true });
    for (const [name, content] of change(input)) await writeFile(join(folder, name), content);
    return ['predict', '--model', folder, '--input', join(models.series, '..', 'valid.ts')];
  };
  const part = (extension, train, test) => (input) => [
    [`Set_${train}.${extension}`, input],
    [`Set_${test}.${extension}`, otherPart[extension]],
  ];
  const text = (...seeds) => seeds.map((seed) => Buffer.from(seed));
  const configs = text(
    '{"epochs": 3, "batchSize": 8, "learningRate": 0.01, "form": "bn", "clipNorm": null, "classWeights": [1, 2]}',
    '{"optimizer": "sgd", "momentum": 0.5, "restoreBestWeights": true, "validation": 0.2, "patience": 2, "monitor": "loss"}',
    '{"width": 16, "heads": 2, "dropout": 0.1, "normalization": "layer", "output": "x", "threads": "auto", "wide": "off"}',
  );
  const validCases = {
    series: Buffer.from('[[1, 2, 3], [0.5, null]]'),
    images: Buffer.from('[[[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]]]'),
    tokens: Buffer.from('["[MAX 2 3 ]", ["[MIN", "4", "]"]]'),
  };
  const caseSeeds = [
    ...text('[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]', otherPart.ts, '@data\n1,2\n', 'label,t0\n,1\n?,2\n'),
    ...text(
      '{"case": "a", "series": [1, NaN]}\n{"case": "b", "series": [2]}\n',
      '@relation x\n@attribute t numeric\n@data\n1\n',
    ),
    ...text('case,x\na,1\na,2\n', '[MAX 2 3 ]\n( [SM 1 ) 2 ]\n'),
    idx([1, 4, 4], pixels(16)),
  ];
  return [
    {
      name: 'ts',
      seeds: text(
        otherPart.ts,
        `#c\n@problemName x\n@univariate false\n@dimensions 2\n@equalLength true\n@seriesLength 2\n${SERIES}1,2:3,4:up\n5,?:7,8:down\n`,
      ),
      mutate: 'text',
      command: inFolder(part('ts', 'TRAIN', 'TEST')),
    },
    {
      name: 'ts',
      part: 'test',
      seeds: text(otherPart.ts),
      mutate: 'text',
      command: inFolder(part('ts', 'TEST', 'TRAIN')),
    },
    {
      name: 'csv',
      seeds: text('label,t0,t1\nup,1,2\ndown,2,1\n', 'case,label,x,y\na,up,1,2\na,up,3,\nb,down,"1",?\n'),
      mutate: 'text',
      command: inFolder(part('csv', 'TRAIN', 'TEST')),
    },
    {
      name: 'ucr',
      seeds: text('1\t0.5\t2\n2\t3\tNaN\n', '  1.0000000e+00 5.0e-1 2\n  2.0e+00 3 4\n'),
      mutate: 'text',
      command: inFolder((input) => [
        ['Set_TRAIN.tsv', input],
        ['Set_TEST.tsv', '1\t0.5\t2\n'],
      ]),
    },
    {
      name: 'arff',
      seeds: text(
        '@relation x\n@attribute t0 numeric\n@attribute t1 numeric\n@attribute c {up, down}\n@data\n1,2,up\n?,3,down\n',
        "@relation x\n@attribute x relational\n@attribute t0 numeric\n@end x\n@attribute c {up,'down'}\n@data\n'1\\n2',up\n",
      ),
      mutate: 'text',
      command: inFolder((input) => [
        ['Set_TRAIN.arff', input],
        ['Set_TEST.arff', '@relation x\n@attribute t0 numeric\n@attribute c {up,down}\n@data\n1,up\n'],
      ]),
    },
    {
      name: 'targets',
      seeds: text(numbered, numbered.replace('true\n', 'true\n@missing true\n@equalLength false\n')),
      mutate: 'text',
      command: inFolder(
        (input) => [
          ['Set_TRAIN.ts', input],
          ['Set_TEST.ts', numbered],
        ],
        'regressor',
      ),
    },
    {
      name: 'table to forecast',
      seeds: text(timeTable, timeTable.replaceAll(',', ';'), timeTable.replace('time', 'date')),
      mutate: 'text',
      command: async (input, place) => {
        await writeFile(join(place, 'log.csv'), input);
        return ['evaluate', '--model', models.forecaster, '--data', join(place, 'log.csv')];
      },
    },
    {
      name: 'cases to forecast',
      seeds: text(timeTable, 'x\n1\n2\n3\n4\n'),
      mutate: 'text',
      command: cases('forecaster'),
    },
    {
      name: 'JSON lines',
      seeds: text('{"series": [1, NaN]}\n{"series": [[2], [3]]}\n', '[1, 2]\n[3]\n'),
      mutate: 'text',
      command: cases('series', 'jsonl'),
    },
    {
      name: 'log',
      seeds: text('time,x,label\n0,1,up\n1,2,up\n2,3,down\n3,4,down\n', 'time;x;y\n0;1,5;2\n1;2,5;3\n'),
      mutate: 'text',
      command: async (input, place) => {
        await writeFile(join(place, 'log.csv'), input);
        return ['evaluate', '--model', models.series, '--data', join(place, 'log.csv'), '--window-length', '2'];
      },
    },
    {
      name: 'listops',
      seeds: text(otherPart.tsv, 'Source\tTarget\n( [SM ( [MED 1 2 3 ] ) 9 ] )\t1\n'),
      mutate: 'text',
      command: inFolder(part('tsv', 'train', 'test')),
    },
    {
      name: 'gzip',
      seeds: [gzipSync(otherPart.ts), gzipSync('x'.repeat(1e5))],
      mutate: 'binary',
      command: inFolder(part('ts', 'TRAIN', 'TEST')),
    },
    {
      name: 'idx',
      seeds: [idx([2, 3, 3], pixels(18)), idx([2, 2, 2, 3], pixels(24)), idx([2], [0, 1])],
      mutate: 'binary',
      command: inFolder((input) => [
        ['train-images-idx3-ubyte', input],
        ['train-labels-idx1-ubyte', idx([2], [0, 1])],
        ['t10k-images-idx3-ubyte', idx([2, 3, 3], pixels(18))],
        ['t10k-labels-idx1-ubyte', idx([2], [1, 0])],
      ]),
    },
    {
      name: 'idx labels',
      seeds: [idx([2], [0, 1]), idx([3], [0, 1, 2])],
      mutate: 'binary',
      command: inFolder((input) => [
        ['train-images-idx3-ubyte', idx([2, 3, 3], pixels(18))],
        ['train-labels-idx1-ubyte', input],
        ['t10k-images-idx3-ubyte', idx([2, 3, 3], pixels(18))],
        ['t10k-labels-idx1-ubyte', idx([2], [1, 0])],
      ]),
    },
    {
      name: 'cifar',
      seeds: [cifar(1), cifar(2)],
      mutate: 'binary',
      command: inFolder((input) => [
        ...[1, 2, 3, 4, 5].map((batch) => [`data_batch_${batch}.bin`, batch === 3 ? input : cifar(1)]),
        ['test_batch.bin', cifar(1)],
      ]),
    },
    ...['series', 'images', 'tokens'].map((kind) => ({
      name: `cases of ${kind}`,
      mutate: 'json',
      command: cases(kind),
      seeds: [validCases[kind], ...caseSeeds],
    })),
    { name: 'config of train', seeds: configs, mutate: 'json', command: config('train', ['--output', 'out']) },
    {
      name: 'config of compare',
      seeds: text(
        '{"forms": ["softmax", "bn"], "seeds": 2, "epochs": 3, "jobs": 1, "fresh": true}',
        '{"forms": "linear", "threads": 2}',
      ),
      mutate: 'json',
      command: config('compare', ['--output', 'out']),
    },
    {
      name: 'model.json',
      seeds: [modelFiles['model.json']],
      mutate: 'json',
      command: model((input) => [
        ['model.json', input],
        ['weights.bin', modelFiles['weights.bin']],
      ]),
    },
    {
      name: 'sealed model.json',
      seeds: [readModel('model.json')],
      mutate: 'bytes',
      command: model((input) => [
        ['model.json', input],
        ['weights.bin', readModel('weights.bin')],
      ]),
    },
    {
      name: 'weights',
      seeds: [modelFiles['weights.bin']],
      mutate: 'bytes',
      command: model((input) => [
        ['model.json', modelFiles['model.json']],
        ['weights.bin', input],
      ]),
    },
    {
      name: 'zip',
      mutate: 'binary',
      seeds: zipSeeds(),
      command: async (input, place) => {
        server.content = input;
        process.env.PRIMAL_ATTENTION_CACHE = join(place, 'cache');
        return ['evaluate', '--model', models.series, '--data', 'Set', '--download', '--quiet'];
      },
    },
    {
      name: 'flags',
      isValid: false,
      seeds: flagSeeds(),
      mutate: 'json',
      command: async (input, place) => {
        let words;
        try {
          words = JSON.parse(input.toString());
        } catch {
          words = input.toString().split(' ');
        }
        const name = ['train', 'evaluate', 'predict', 'compare', 'inspect'][input.length % 5];
        const given = (Array.isArray(words) ? words : [words]).map((word) =>
          (typeof word === 'string' ? word : JSON.stringify(word)).slice(0, 200),
        );
        const needed = {
          train: [],
          evaluate: ['--model', models.series],
          predict: ['--model', models.series, '--input', join(place, 'none')],
          compare: [],
          inspect: ['--model', models.series],
        }[name];
        const data = name === 'predict' ? [] : ['--data', NO_DATA];
        return [name, ...given.filter((word) => !/^(-h|--he|--help)/.test(word)), ...needed, ...data];
      },
    },
  ];
}

/** Archives: one that is as it should be, and some that want to write elsewhere. */
function zipSeeds() {
  const part = strToU8(otherPart.ts);
  const both = { 'Set_TRAIN.ts': part, 'Set_TEST.ts': part };
  const link = (file) => [file, { os: 3, attrs: 0o120777 << 16 }];
  return [
    both,
    { 'folder/Set_TRAIN.ts': part, 'folder/Set_TEST.ts': part },
    { ...both, '../Set_TEST.ts': part },
    { ...both, '/tmp/Set_TEST.ts': part },
    { ...both, '..\\..\\Set_TEST.ts': part },
    { ...both, 'C:\\Set_TEST.ts': part },
    { 'Set_TRAIN.ts': part, 'Set_TEST.ts': link(strToU8('/etc/passwd')) },
    { ...both, 'other/Set_TEST.ts': part },
  ].map((files) => Buffer.from(zipSync(files)));
}

/** Words for flags: every flag of every command with values of several kinds. */
function flagSeeds() {
  const flags = [...new Set(createProgram().commands.flatMap(({ options }) => options.map(({ long }) => long)))];
  const values = [
    '',
    'NaN',
    '-1',
    '1e39',
    '0.5',
    'x',
    '999999999999',
    'null',
    'Infinity',
    '0x1',
    '--seed',
    '1,2',
    '💥',
  ];
  return flags.flatMap((flag) => values.map((value) => Buffer.from(JSON.stringify([flag, value]))));
}

/** A server that answers every request with its content. */
export async function startServer() {
  const server = createServer((_, response) => response.end(server.content));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.PRIMAL_ATTENTION_ARCHIVE = `http://127.0.0.1:${server.address().port}`;
  return server;
}

/** Empties the folder of a try, which stays: the process works in it. */
export async function empty(place) {
  for (const name of await readdir(place)) await rm(join(place, name), { recursive: true });
}
