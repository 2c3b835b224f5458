import Classifier from './Classifier';

export default function Page() {
  return (
    <main>
      <h1>Which speaker?</h1>
      <Classifier />
    </main>
  );
}
