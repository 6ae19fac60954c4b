// The public surface as files under review: compares dist's declarations with etc/*.api.md.
//   node test/tools/api-report.mjs            exits with 1 when the surface differs
//   node test/tools/api-report.mjs --write    after an intended change
import fs from 'node:fs';
import path from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = path.resolve(import.meta.dirname, '../..');
const write = process.argv.includes('--write');
const reportFolder = path.join(root, 'etc');
const tempFolder = path.join(root, 'temp');
fs.mkdirSync(reportFolder, { recursive: true });

const entries = ['', 'legacy/', 'connection/', 'inspector/', 'react/', 'vue/', 'solid/', 'testing/'];
const fileOf = (entry) => path.join(root, 'dist', entry, 'index.d.ts');
const nameOf = (entry) => entry.slice(0, -1) || 'tabstate';

const configOf = (entry) =>
  ExtractorConfig.prepare({
    configObjectFullPath: path.join(root, 'api-extractor.json'),
    packageJsonFullPath: path.join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: fileOf(entry),
      compiler: { tsconfigFilePath: path.join(root, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFolder,
        reportTempFolder: tempFolder,
        reportFileName: `${nameOf(entry)}.api.md`,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: 'warning' },
          'ae-missing-release-tag': { logLevel: 'none' },
          'ae-undocumented': { logLevel: 'none' },
          'ae-unresolved-link': { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'error' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });

let isFine = true;
// one program for all: each would read the library and the types of its peers again
const compilerState = CompilerState.create(configOf(''), { additionalEntryPoints: entries.map(fileOf) });
for (const entry of entries) {
  const result = Extractor.invoke(configOf(entry), {
    compilerState,
    localBuild: write,
    messageCallback(message) {
      // the notice about its own compiler version, and the paths of the reports
      if (
        [
          'console-preamble',
          'console-compiler-version-notice',
          'console-api-report-created',
          'console-api-report-copied',
        ].includes(message.messageId)
      )
        message.logLevel = 'none';
    },
  });
  if (result.apiReportChanged && !write) {
    console.error(
      `${nameOf(entry)}: the public surface changed. If that is intended: node test/tools/api-report.mjs --write`,
    );
    isFine = false;
  }
  if (result.errorCount > 0) isFine = false;
}
fs.rmSync(tempFolder, { recursive: true, force: true });
process.exitCode = isFine ? 0 : 1;
