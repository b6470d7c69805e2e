import sharp from 'sharp';
import { seededRandom } from '../measure/statistics';

/** Longer side of the pictures, in pixels: what a web page or a phone's preview sends. */
const smallestSide = 320;
const largestSide = 512;

/** JPEG pictures cut out of one picture at seeded places and sizes, 320 to 512 px at their longer side. */
export async function makePictures(source: string, count: number, seed: number): Promise<Buffer[]> {
  const random = seededRandom(seed);
  const { width, height } = await sharp(source).metadata();
  const pictures: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const share = 0.75 + random() * 0.25;
    const cut = { width: Math.floor(width * share), height: Math.floor(height * share) };
    const left = Math.floor(random() * (width - cut.width));
    const top = Math.floor(random() * (height - cut.height));
    const side = Math.round(smallestSide + random() * (largestSide - smallestSide));
    const picture = sharp(source)
      .extract({ left, top, ...cut })
      .resize({ width: side, height: side, fit: 'inside' });
    pictures.push(await picture.jpeg({ quality: 88 }).toBuffer());
  }
  return pictures;
}
