/** A kind of file that is no text, by how it begins, and what makes text of it. */
interface FileKind {
  /** For people, with its article. */
  name: string;
  /** Its first bytes, each as a character, of which it has one. */
  begins: readonly string[];
  instead: string;
}

const csvBy = (code: string) => `write it as CSV, as Python's ${code} does`;

const kinds: readonly FileKind[] = [
  {
    ...{ name: 'a zip archive, as .xlsx and .npz files are', begins: ['PK\x03\x04', 'PK\x05\x06'] },
    instead: 'unpack it with unzip, or save the sheet as CSV in UTF-8',
  },
  { name: 'compressed by xz', begins: ['\xfd7zXZ\0'], instead: 'unpack it with xz -d' },
  {
    name: 'compressed by bzip2',
    begins: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((level) => `BZh${level}1AY&SY`),
    instead: 'unpack it with bunzip2',
  },
  { name: 'compressed by zstd', begins: ['\x28\xb5\x2f\xfd'], instead: 'unpack it with zstd -d' },
  { name: 'compressed by gzip once more', begins: ['\x1f\x8b'], instead: 'unpack it with gunzip' },
  {
    ...{ name: 'a Parquet file', begins: ['PAR1\0', 'PAR1\x15'] },
    instead: csvBy("pandas.read_parquet('OLD').to_csv('NEW', index=False)"),
  },
  {
    ...{ name: 'an Arrow or Feather file', begins: ['ARROW1\0'] },
    instead: csvBy("pandas.read_feather('OLD').to_csv('NEW', index=False)"),
  },
  {
    ...{ name: 'a NumPy array', begins: ['\x93NUMPY'] },
    instead: csvBy("numpy.savetxt('NEW', numpy.load('OLD'), delimiter=',')"),
  },
  {
    ...{ name: 'an HDF5 file', begins: ['\x89HDF'] },
    instead: csvBy("pandas.read_hdf('OLD').to_csv('NEW', index=False)"),
  },
  {
    ...{ name: 'a MATLAB file', begins: ['MATLAB 5.0 MAT-file'] },
    instead: csvBy("numpy.savetxt('NEW', scipy.io.loadmat('OLD')['NAME'], delimiter=',')"),
  },
  {
    ...{ name: 'a SQLite database', begins: ['SQLite format 3\0'] },
    instead: "write a table of it with sqlite3 -header -csv OLD 'select * from TABLE' > NEW",
  },
  { name: 'an old Excel file', begins: ['\xd0\xcf\x11\xe0'], instead: 'save the sheet as CSV in UTF-8' },
  {
    ...{ name: 'a picture', begins: ['\x89PNG', '\xff\xd8\xff', 'GIF87a', 'GIF89a'] },
    instead: 'sets of images are in the formats of MNIST and CIFAR-10',
  },
  { name: 'a PDF document', begins: ['%PDF-'], instead: 'write what it shows as CSV' },
  {
    ...{ name: 'a web page, perhaps the error of a download', begins: ['<!DOCTYPE html', '<!doctype html', '<html'] },
    instead: 'download the file itself',
  },
];

/** Bytes that tell the kind. */
const LOOKED_AT = 64;

/**
 * @param bytes of a file that is to be text
 * @param source its name, for errors
 * @throws Error that says what the file is, and how to make text of it, if it begins as another kind of file does
 */
export function checkKindOfFile(bytes: Uint8Array, source: string): void {
  const start = String.fromCharCode(...bytes.subarray(0, LOOKED_AT));
  const found = kinds.find(({ begins }) => begins.some((some) => start.startsWith(some)));
  if (found) throw new Error(`${source}: the file is ${found.name}; it must be text: ${found.instead}`);
}
