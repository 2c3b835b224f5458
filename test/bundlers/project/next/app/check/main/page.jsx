'use client';

import { useEffect } from 'react';
import { answer } from '../../../../main/answer.js';

export default function Page() {
  useEffect(() => {
    globalThis.answered = answer().catch(({ message }) => ({ error: message }));
  }, []);
  return null;
}
