// What the page asks its server.

/** A model as the page needs to know it. */
export interface PageModel {
  name: string;
  task: 'classification' | 'regression' | 'forecasting';
  kind: 'series' | 'images' | 'tokens';
  /** Sizes of its first input: [-1, -1, channels], [-1, height, width, channels] or [-1]. */
  shape: number[];
  /** Most positions of a case; none of an image. */
  positions: number;
  /** Of a classifier. */
  classNames: string[];
}

/** What a model says of a case: its fields depend on the task. */
export interface PagePrediction {
  label?: string;
  probabilities?: number[];
  value?: number;
  /** [steps][channels] */
  forecast?: number[][];
}

export interface PageMap {
  kind: PageModel['kind'];
  shape: number[];
  /** null where a number is missing. */
  values: (number | string | null)[];
  svg: string;
}

/** The server wants a token. */
export class TokenError extends Error {}

let token = '';

/** Sets the token that requests bring from now on. */
export function setToken(text: string): void {
  token = text;
}

async function ask<Answer>(path: string, body?: Blob | string): Promise<Answer> {
  const authorization = token === '' ? undefined : { authorization: `Bearer ${token}` };
  const response = await fetch(path, { method: body === undefined ? 'GET' : 'POST', body, headers: authorization });
  const answer = (await response.json()) as Answer & { error?: string };
  if (response.ok) return answer;
  throw response.status === 401 ? new TokenError(answer.error) : new Error(answer.error);
}

interface Metadata {
  name: string;
  inputs: { shape: number[] }[];
  properties: { task: PageModel['task']; kind: PageModel['kind']; positions?: string; classNames?: string };
}

/** All models that can be asked. */
export async function models(): Promise<PageModel[]> {
  const states = await ask<{ name: string; state: string }[]>('v2/repository/index', '');
  const names = new Set(states.filter(({ state }) => state === 'READY').map(({ name }) => name));
  return Promise.all(
    [...names].map(async (name) => {
      const { inputs, properties } = await ask<Metadata>(`v2/models/${encodeURIComponent(name)}`);
      const { task, kind, positions = '0', classNames = '[]' } = properties;
      const own = { positions: Number(positions), classNames: JSON.parse(classNames) as string[] };
      return { name, task, kind, shape: inputs[0].shape, ...own };
    }),
  );
}

/** What a model says of the cases of a file or of a text. */
export async function predict(model: string, cases: Blob | string): Promise<PagePrediction[]> {
  const path = `predict?model=${encodeURIComponent(model)}`;
  return (await ask<{ predictions: PagePrediction[] }>(path, cases)).predictions;
}

/** One of the cases, counted from 0, and where the model attends in it. */
export function attention(model: string, cases: Blob | string, index: number): Promise<PageMap> {
  return ask(`attention?model=${encodeURIComponent(model)}&case=${index + 1}`, cases);
}
