'use client';

import { loadPredictor } from 'primal-attention/predict';
import { useEffect, useState } from 'react';

/** A class and its probability, as text. */
const describe = ({ label, probabilities }) => `${label} (${(100 * Math.max(...probabilities)).toFixed(1)} %)`;

/** Classifies a case in the page, or has the server do so. */
export default function Classifier() {
  const [text, setText] = useState('');
  const [result, setResult] = useState('');
  const [predictor, setPredictor] = useState();

  useEffect(() => {
    loadPredictor('/model/').then(
      (loaded) => setPredictor(loaded),
      ({ message }) => setResult(message),
    );
  }, []);

  const show = (work) => async () => {
    try {
      setResult(describe(await work()));
    } catch (error) {
      setResult(error.message);
    }
  };
  const here = show(() => predictor.predict([JSON.parse(text)])[0]);
  const onServer = show(async () => {
    const response = await fetch('/classify', { method: 'POST', body: text });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  });

  return (
    <>
      <label htmlFor="case">
        A case as JSON, <code>[positions][channels]</code>:
      </label>
      <textarea
        id="case"
        rows={8}
        style={{ display: 'block', width: '100%', boxSizing: 'border-box', margin: '0.5rem 0' }}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <p style={{ display: 'flex', gap: '0.5rem' }}>
        <button id="here" disabled={!predictor} onClick={here}>
          Classify in this page
        </button>
        <button id="server" onClick={onServer}>
          Classify on the server
        </button>
      </p>
      <output id="result" style={{ fontWeight: 'bold' }}>
        {result}
      </output>
    </>
  );
}
