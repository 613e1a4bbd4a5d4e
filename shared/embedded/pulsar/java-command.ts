import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const opened = [
  'java.base/java.io',
  'java.base/java.util.zip',
  'java.base/java.nio',
  'java.base/jdk.internal.misc',
  'java.base/jdk.internal.platform',
  'java.base/sun.net',
  'java.management/sun.management',
  'jdk.management/com.sun.management.internal',
]

const properties = {
  'io.netty.tryReflectionSetAccessible': 'true',
  'java.net.preferIPv4Stack': 'true',
  'log4j2.is.webapp': 'false',
  'log4j2.configurationFile': fileURLToPath(new URL('log4j2.xml', import.meta.url)),
  'bookkeeper.metadata.bookie.drivers':
    'org.apache.pulsar.metadata.bookkeeper.PulsarMetadataBookieDriver',
  'bookkeeper.metadata.client.drivers':
    'org.apache.pulsar.metadata.bookkeeper.PulsarMetadataClientDriver',
}

export interface Java {
  readonly java: string
  readonly lib: string
  readonly conf: string
  readonly data: string
  readonly bookiePort: number
  readonly briefly: boolean
}

// Without the second compiler a start takes half the CPU time; what runs for long is slower.
const shortLife = ['-XX:TieredStopAtLevel=1']

const memory = ['-Xms256m', '-Xmx1g', '-XX:MaxDirectMemorySize=1g']

/** The command line of a standalone Pulsar without functions; needs about 500 MB of memory. */
export const javaCommand = ({
  java,
  lib,
  conf,
  data,
  bookiePort,
  briefly,
}: Java): readonly string[] => [
  java,
  ...opened.map((module) => `--add-opens=${module}=ALL-UNNAMED`),
  '--enable-native-access=ALL-UNNAMED',
  ...memory,
  ...(briefly ? shortLife : []),
  ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
  `--class-path=${join(lib, '*')}`,
  'org.apache.pulsar.PulsarStandaloneStarter',
  '--no-functions-worker',
  '--no-stream-storage',
  `--config=${conf}`,
  `--metadata-dir=${join(data, 'meta')}`,
  `--bookkeeper-dir=${join(data, 'bk')}`,
  `--bookkeeper-port=${bookiePort}`,
  '--num-bookies=1',
  '--advertised-address=127.0.0.1',
]
