import type { Queryable } from '../shared/postgres/database.ts'

const end = `
  UPDATE uow.saga SET version = version + 1, step = 'ended-by-hand', ended_at = now(), updated_at = now(),
    state = (state::jsonb || jsonb_build_object('ended_by_hand', $2::text))::json
  WHERE id = $1 AND ended_at IS NULL RETURNING saga`

/**
 * Ends every saga of that id that has not ended, where it is: nothing is asked for any more, and what it
 * has not undone stays as it is. Its state keeps the reason. Answers whether there was one.
 */
export const endSagas = async (on: Queryable, id: string, reason: string): Promise<boolean> =>
  (await on.query(end, [id, reason])).length > 0
