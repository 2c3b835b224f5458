import { answer } from '../../../../predict/answer.js';

// Computed when it is asked for, not while the app is built.
export const dynamic = 'force-dynamic';

export const GET = async () => Response.json(await answer());
