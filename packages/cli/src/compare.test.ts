import { describe, expect, it } from '@jest/globals';
import { differences } from './compare';

describe('differences', () => {
  it('finds none where every named field agrees and ignores the rest', () => {
    const got = { classes: [{ index: 281, label: 'tabby', score: 0.51 }, { index: 7 }], modelName: 'x' };
    expect(differences({ classes: [{ index: 281, score: 0.5 }] }, got, 0.02)).toEqual([]);
  });

  it('names the path of a number outside the tolerance', () => {
    expect(differences({ classes: [{ score: 0.5 }] }, { classes: [{ score: 0.53 }] }, 0.02)).toEqual([
      'classes[0].score: expected 0.5, got 0.53',
    ]);
  });

  it('does not stretch the tolerance to texts', () => {
    expect(differences({ label: 'tabby' }, { label: 'tiger' }, 1)).toHaveLength(1);
  });

  it('misses fields and elements that are not there', () => {
    expect(differences({ items: [{ item_id: '1' }, { item_id: '2' }] }, { items: [{ itemId: 1n }] }, 0)).toEqual([
      'items[1].item_id: expected 2, got nothing',
    ]);
    expect(differences({ values: [0.1] }, {}, 0.5)).toHaveLength(1);
  });

  it('compares packed numbers and 64-bit ids', () => {
    expect(
      differences({ values: [0.25, 0.5], id: '318' }, { values: Float32Array.of(0.25, 0.5), id: 318n }, 0),
    ).toEqual([]);
  });

  it('calls NaN different from every number', () => {
    expect(differences({ score: 0.5 }, { score: Number.NaN }, 1)).toHaveLength(1);
  });
});
