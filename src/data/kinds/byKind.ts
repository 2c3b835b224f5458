import { type DataKind, type DataOfKind, kindOf, type LabelledData } from '../labelledData.js';

/**
 * Does with data what its kind asks for.
 *
 * @param data of any kind
 * @param choices what to do with each kind
 */
export function byKind<Result>(
  data: LabelledData,
  choices: { readonly [Kind in DataKind]: (data: DataOfKind[Kind]) => Result },
): Result {
  const choice = choices[kindOf(data)] as (data: LabelledData) => Result;
  return choice(data);
}
