// Mozilla's observatory on a host of this machine: `node observatory.mjs HTTP_PORT HTTPS_PORT`.
import { pathToFileURL } from "node:url";

const home = pathToFileURL(`${process.cwd()}/node_modules/@mdn/mdn-http-observatory/src/`);
const { retrieve } = await import(new URL("retriever/retriever.js", home));
const { ALL_TESTS } = await import(new URL("constants.js", home));
const { getScoreModifier, getGradeForScore } = await import(new URL("grader/grader.js", home));

const [httpPort, httpsPort] = process.argv.slice(2).map(Number);
const retrieved = await retrieve("localhost", { httpPort, httpsPort });
const results = ALL_TESTS.map((test) => test(retrieved));
let score = 100;
for (const each of results) score += each.result ? getScoreModifier(each.result) : 0;
const failed = results.filter((each) => !each.pass);
console.log(
  JSON.stringify({
    score,
    grade: getGradeForScore(score).grade,
    failed: failed.map((each) => `${each.constructor.name}: ${each.result}`),
  }),
);
