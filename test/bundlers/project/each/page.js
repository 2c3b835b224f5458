// A page: `answered` is what `answer` came to, by the options in the page's address.

import { answer } from './answer.js';

const options = JSON.parse(new URLSearchParams(location.search).get('options') ?? '{}');
globalThis.answered = answer(options).catch(({ message }) => ({ error: message }));
