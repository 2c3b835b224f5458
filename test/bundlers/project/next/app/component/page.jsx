import { answer } from '../../../main/answer.js';

// Computed when it is asked for, not while the app is built.
export const dynamic = 'force-dynamic';

export default async function Page() {
  const answered = await answer().catch(({ message }) => ({ error: message }));
  return <pre>{JSON.stringify(answered)}</pre>;
}
