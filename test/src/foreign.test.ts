import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { models, root, services, useSystem } from './support/system';

const run = promisify(execFile);
const python = process.env.FOREIGN_PYTHON ?? 'python3';
const hasPython =
  spawnSync(python, ['-c', 'import grpc, grpc_tools, grpc_health, numpy, tritonclient.grpc']).status === 0;
const hasGrpcurl = spawnSync('grpcurl', ['-version']).status === 0;
const required = process.env.FOREIGN_CLIENTS === 'required';

/** Where a client is missing, one line says so; where all are required, its tests fail instead. */
function describeWith(client: string, found: boolean, cure: string): typeof describe | typeof describe.skip {
  if (found || required) return describe;
  process.stderr.write(`skipped: no ${client} here; ${cure}\n`);
  return describe.skip;
}

const anyFound = hasPython || hasGrpcurl || required;

(anyFound ? describe : describe.skip)('clients in other languages', () => {
  const system = useSystem();

  describeWith(
    'Python client',
    hasPython,
    'pip install -r test/foreign/requirements.txt, and name that Python in FOREIGN_PYTHON',
  )('a Python client generated from protos/', () => {
    const checks = async (script: string, ...args: string[]): Promise<{ check: string; fault: string | null }[]> => {
      const { stdout } = await run(python, [join(root, 'test/foreign', script), ...args], { maxBuffer: 1 << 24 });
      return stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { check: string; fault: string | null });
    };

    it('gets the answers of the source models and of Python onnxruntime from the router and from each service', async () => {
      const results = await checks(
        'check.py',
        root,
        system.address('router'),
        ...services.map((name) => system.address(name)),
      );
      expect(results.filter(({ fault }) => fault !== null)).toEqual([]);
      expect(results.length).toBeGreaterThanOrEqual(24);
    });

    it("works as Triton's own client too", async () => {
      const results = await checks('triton.py', system.address('router'));
      expect(results.filter(({ fault }) => fault !== null)).toEqual([]);
      expect(results.length).toBeGreaterThanOrEqual(9);
    });
  });

  describeWith(
    'grpcurl',
    hasGrpcurl,
    'go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4',
  )('grpcurl', () => {
    const grpcurl = async (...args: string[]): Promise<string> =>
      (await run('grpcurl', ['-plaintext', ...args], { maxBuffer: 1 << 24 })).stdout;

    it.each(['router', ...services] as const)(
      'finds every service of %s by reflection and describes it',
      async (name) => {
        const listed = (await grpcurl(system.address(name), 'list')).trim().split('\n');
        expect(listed).toEqual(expect.arrayContaining(['grpc.health.v1.Health', 'inference.GRPCInferenceService']));
        for (const service of listed)
          expect(await grpcurl(system.address(name), 'describe', service)).toContain(`${service} is a service`);
      },
    );

    it('classifies a picture', async () => {
      const image = readFileSync(join(models, 'image/efficientnet-lite0/sample.jpg')).toString('base64');
      const answer = await grpcurl(
        '-d',
        JSON.stringify({ image, top_k: 1 }),
        system.address('router'),
        'tributary.image.v1.ImageService/Classify',
      );
      expect(JSON.parse(answer)).toMatchObject({ modelName: 'efficientnet-lite0', classes: [{ label: 'espresso' }] });
    });

    it('gets embeddings, moods and recommendations', async () => {
      const router = system.address('router');
      const texts = JSON.stringify({ texts: ['I love this film'] });
      const embedded = JSON.parse(await grpcurl('-d', texts, router, 'tributary.nlp.v1.NlpService/Embed')) as {
        embeddings: { values: number[] }[];
      };
      expect(embedded.embeddings[0]?.values).toHaveLength(384);
      expect(JSON.parse(await grpcurl('-d', texts, router, 'tributary.nlp.v1.NlpService/Classify'))).toMatchObject({
        results: [{ labels: [{ label: 'positive' }, {}, {}] }],
      });
      const recommended = await grpcurl(
        '-d',
        '{"user_id": 146, "k": 3}',
        router,
        'tributary.recommendation.v1.RecommendationService/Recommend',
      );
      expect((JSON.parse(recommended) as { items: unknown[] }).items).toHaveLength(3);
    });

    it('shows the reason and the field of a refusal', async () => {
      const refused = run('grpcurl', [
        '-plaintext',
        '-d',
        '{"texts": [" "]}',
        system.address('router'),
        'tributary.nlp.v1.NlpService/Embed',
      ]);
      await expect(refused).rejects.toMatchObject({
        stderr: expect.stringMatching(/InvalidArgument[\s\S]*TEXT_BLANK[\s\S]*texts\[0\]/),
      });
    });
  });
});
