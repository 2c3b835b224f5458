import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestError } from './requestError.js';

const digest = (text: string) => createHash('sha256').update(text).digest();

/**
 * A check of `Authorization` headers that takes the same time whatever they hold.
 *
 * @param token what they must bring
 * @returns a function that throws RequestError (401) for others
 */
export function bearerCheck(token: string): (authorization: string | undefined) => void {
  const expected = digest(token);
  return (authorization) => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    const found = authorization === undefined ? 'missing' : 'wrong';
    throw new RequestError(401, `the bearer token was ${found}; it must be the server's`, {
      'www-authenticate': 'Bearer',
    });
  };
}
