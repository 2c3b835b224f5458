import { answer } from '../../../../predict/answer.js';

export const runtime = 'edge';

export const GET = async () => Response.json(await answer());
