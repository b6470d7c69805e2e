import { batchingNote, batchingWords, type tributary } from '@tributary/contract';
import type { ModelInfo } from '@tributary/engine';
import { shownReason } from './model-states';

/** Longest text that is told of a model file, in UTF-16 units; some carry whole vocabularies. */
const maxTextLength = 1024;
/** Entries of the file's own map that are told. */
const maxCustomEntries = 64;

const byOf = {
  proved: batchingWords.proved,
  ownersWord: batchingWords.ownersWord,
  refused: batchingWords.not,
  off: batchingWords.not,
} as const satisfies Record<ModelInfo['batching']['kind'], string>;

/** What a model file says of itself, as ListModels tells it. */
export function wireFile({ metadata }: ModelInfo): tributary.model.v1.ModelFile.$Properties {
  const { producer, graphName, domain, description, modelVersion, custom, dimensionNames } = metadata;
  const entries = [...custom].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, maxCustomEntries);
  return {
    producer: text(producer),
    graphName: text(graphName),
    domain: text(domain),
    description: text(description),
    modelVersion: text(modelVersion),
    custom: Object.fromEntries(entries.map(([key, value]) => [text(key), text(value)])),
    dimensionNames: Object.fromEntries(
      [...dimensionNames].map(([tensor, names]) => [tensor, { names: names.map(text) }]),
    ),
  };
}

/** Whether requests of a model share runs, as ListModels tells it. */
export function wireBatching({ batched, maxBatchSize, batching }: ModelInfo): tributary.model.v1.Batching.$Properties {
  return { batched, maxBatchSize, by: byOf[batching.kind], reason: text(batching.reason) };
}

/** What RepositoryIndex says of a version: why it does not answer, or how its requests share runs. */
export function indexReason(model: ModelInfo): string {
  return model.state === 'READY' ? batchingNote(wireBatching(model)) : shownReason(model);
}

/** File and batching of a model by the keys of ModelMetadata, without what is empty. */
export function attributesOf(model: ModelInfo): Record<string, string> {
  const { custom, dimensionNames, ...texts } = wireFile(model);
  const { by, reason } = wireBatching(model);
  const all: [key: string, value: string][] = [
    ['producer', texts.producer ?? ''],
    ['graph_name', texts.graphName ?? ''],
    ['domain', texts.domain ?? ''],
    ['description', texts.description ?? ''],
    ['model_version', texts.modelVersion ?? ''],
    ...Object.entries(custom ?? {}).map(([key, value]): [string, string] => [`custom.${key}`, value]),
    ...Object.entries(dimensionNames ?? {}).map(([tensor, { names }]): [string, string] => [
      `dimensions.${tensor}`,
      names?.some((name) => name !== '') === true ? names.join(',') : '',
    ]),
    ['batching', by ?? ''],
    ['batching.reason', reason ?? ''],
  ];
  return Object.fromEntries(all.filter(([, value]) => value !== ''));
}

/** As much of a text as is told, without halves of surrogate pairs. */
function text(value: string): string {
  return value.slice(0, maxTextLength).toWellFormed();
}
