import { seededRandom } from '../measure/statistics';

/** Common English words; sentences of them are nonsense, and cost a tokenizer and an encoder what sense costs. */
const words =
  `the a some every no this that our their my river mountain city garden window engine letter doctor child teacher
  market winter summer morning evening bread coffee music story question answer problem machine station captain village
  quickly slowly often never always almost together again yesterday tomorrow opens closes carries finds builds breaks
  remembers forgets follows answers watches paints repairs delivers measures translates under over between behind beyond
  before after against without small large bright quiet broken honest distant electric wooden seventeenth international
  unbelievable extraordinarily photosynthesis because although while unless and or but`.split(/\s+/);

/** Words of the shortest and of the longest sentence. */
const shortest = 3;
const longest = 60;

/** Sentences of mixed length, most of them short, the same for the same seed. */
export function makeSentences(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const length = Math.round(shortest * (longest / shortest) ** random());
    const chosen = Array.from({ length }, () => words[Math.floor(random() * words.length)]!);
    const text = chosen.join(' ');
    return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
  });
}
