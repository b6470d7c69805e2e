import sharp from 'sharp';

// The CPU plan gives native work its threads (libuv's pool); a picture takes one of them, not several.
sharp.concurrency(1);
// Every picture is another one.
sharp.cache(false);
// libvips recognises formats by itself; this is the second fence after pictureFormat: no SVG, TIFF, PDF ... whatever the bytes say.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
  ],
});

/** sharp, set up for a server: one thread a picture, no cache, only the formats that are served. */
export { sharp as decoder };
