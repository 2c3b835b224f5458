// primal-attention/data: files and data sets, without tensors.

export { parseTimeSeries } from './formats/parseTimeSeries.js';
export { readTimeSeries } from './formats/readTimeSeries.js';
export type { TimeSeriesOptions } from './formats/timeSeriesParser.js';
export { cacheFolder } from './archive/cacheFolder.js';
export { DownloadError } from './archive/downloadError.js';
export { loadDataset } from './loadDataset.js';
export type { LoadOptions } from './loadDataset.js';
export { channelStatistics } from './channelStatistics.js';
export { resample } from './resample.js';
export { standardize } from './standardize.js';
export { kindOf } from './labelledData.js';
export { longest } from './longest.js';
export type { TimeSeriesData } from './timeSeries.js';
export type {
  Cases,
  ChannelStatistics,
  DataKind,
  DataOfKind,
  Dataset,
  LabelledData,
  LabelledImages,
  LabelledTokens,
} from './labelledData.js';
export { readCsv } from './formats/readCsv.js';
export type { CsvOptions } from './formats/parseCsv.js';
export type { LabelUse } from './tables/tableClasses.js';
export type { Reading, ReadOptions } from './readOptions.js';
export { readUcr } from './formats/readUcr.js';
export { readArff } from './formats/readArff.js';
export { readIdx } from './formats/readIdx.js';
export type { IdxArray } from './formats/readIdx.js';
export { readImages } from './formats/readImages.js';
export { cifar10Classes, readCifar10 } from './formats/readCifar10.js';
export { generateListOps } from './listOps/generateListOps.js';
export type { ListOpsOptions } from './listOps/generateListOps.js';
export { evaluateListOps } from './listOps/evaluateListOps.js';
export { tokenizeListOps } from './listOps/tokenizeListOps.js';
export { readListOps } from './listOps/readListOps.js';
export { listOpsVocabulary } from './listOps/vocabulary.js';
export { forecastDataset, loadForecast } from './forecast/loadForecast.js';
export type { ForecastOptions } from './forecast/loadForecast.js';
export type { ForecastSplit } from './forecast/forecastSplits.js';
export { forecastWindows } from './forecast/forecastWindows.js';
export type { WindowOptions } from './forecast/forecastWindows.js';
export { parseTimeTable, readTimeTable } from './forecast/parseTimeTable.js';
export type { TimeTableOptions } from './forecast/timeTableOptions.js';
export type { TimeTable } from './forecast/timeTable.js';
export { batches } from './batches.js';
export type { Batch, BatchOptions } from './batches.js';
export type { BatchInput } from './kinds/kindTraits.js';
export { shiftImages } from './augmentations.js';
export type { Augmentation } from './augmentations.js';
export { randomSplit, stratifiedSplit, subset } from './split.js';
export { targetStatistics } from './numberTargets.js';
export type { ForecastTargets, NumberTargets, TargetStatistics } from './numberTargets.js';
export { UnknownNameError } from '../checks/unknownNameError.js';
