import { expect, test } from 'bun:test'
import { derivedId } from './ids.ts'

test('ids are derived as builds of before have derived them, and parts are told apart', () => {
  // What other tools make of the same name: uuid5(namespace, '1:a1:b').
  expect(derivedId('a', 'b')).toBe('726710ba-7e37-5234-934b-dc1fb91f79ec')
  expect(derivedId('ab')).not.toBe(derivedId('a', 'b'))
})
