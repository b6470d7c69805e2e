/** What ONNX Runtime says of a file, and what that means in words of ours; groups of the pattern go into the sentence. */
const meanings: readonly (readonly [said: RegExp, meaning: (...groups: string[]) => string])[] = [
  [
    /construct locale with name:(\S+?):/,
    (locale) =>
      `its StringNormalizer needs the locale ${locale}, which this system does not have; install it, or export with locale "C"`,
  ],
  [/No Op registered for (\S+) with domain_version of (\d+)/, (op, opset) => `opset ${opset} has no operator ${op}`],
  [
    /error: (\S+?):(\S+?)\(-?\d+\) is not a registered function\/op/,
    (domain, op) => `operator ${op} of domain ${domain} is not known to this ONNX Runtime`,
  ],
  [
    /Could not find an implementation for (\S+?)\((\d+)\)/,
    (op, opset) => `this ONNX Runtime has no kernel for operator ${op} of opset ${opset} with these datatypes`,
  ],
  [
    /model IR version: (\d+), max supported IR version: (\d+)/,
    (version, most) => `its IR version is ${version}; at most ${most} can be read`,
  ],
  [
    /Opset (\d+) is under development[\s\S]*domain (\S+) is till opset (\d+)/,
    (opset, domain, most) => `it uses opset ${opset} of ${domain}; at most ${most} can be read`,
  ],
  [
    /Type '(.+?)' of input parameter \((.+?)\) of operator \((.+?)\)/,
    (type, input, op) => `operator ${op} cannot take ${type} as its input '${input}'`,
  ],
  [
    /Type parameter \(.+?\) of Optype \((.+?)\) bound to different types \((.+?) and (.+?) in node/,
    (op, one, other) => `operator ${op} is given ${one} and ${other}, which must be the same`,
  ],
  [/Node input '(.+?)' is not a graph input/, (value) => `a node takes '${value}', which nothing in the graph makes`],
  [/Graph output \((.+?)\) does not exist/, (value) => `nothing in the graph makes its output '${value}'`],
  [/Duplicate definition of name \((.+?)\)/, (value) => `two nodes make '${value}'`],
  [/the graph is not acyclic/, () => 'its nodes form a circle'],
  [/Op \((\S+?)\) \[ShapeInferenceError\]/, (op) => `the shapes that operator ${op} is given do not fit together`],
  [/Required attribute '(.+?)' is missing/, (attribute) => `a node lacks its attribute '${attribute}'`],
  [/In Node, \(".*?", (\S+?), /, (op) => `a node of operator ${op} is not valid`],
  [/External data path/, () => 'its external weights are not where ONNX Runtime can read them'],
  [/bad_alloc|Failed to allocate memory/, () => 'there is not enough memory for its weights'],
  [/Protobuf parsing failed/, () => 'it is not a valid ONNX file'],
];

/**
 * Why ONNX Runtime did not load a model, in words of ours: its own hold paths and places in its source.
 * @param said message of its error
 */
export function loadProblem(said: string): string {
  for (const [pattern, meaning] of meanings) {
    const match = pattern.exec(said);
    if (match !== null) return `ONNX Runtime refused model.onnx: ${meaning(...match.slice(1))}`;
  }
  return said.includes('Exception during initialization')
    ? 'ONNX Runtime refused model.onnx: a node cannot be set up with its attributes and weights'
    : 'ONNX Runtime refused model.onnx: the graph is not valid by its rules; onnx.checker of Python says more';
}
