//! Reading the audit.

use ngcc_proto::Wall;
use ngcc_proto::ask::Act;

use super::database::Database;

type Row = (i64, i64, String, String, String, String);

/// The latest acts, newest first, at most `limit`, and then those of the same millisecond as the last: a page that
/// begins before it has missed none.
///
/// # Errors
/// The database does not answer.
pub(super) async fn read(
    database: &Database,
    before: Option<Wall>,
    limit: u32,
) -> Result<Vec<Act>, sqlx::Error> {
    let before = before.map_or(i64::MAX, |before| before.0);
    let sql =
        "SELECT n, at, user, act, object, address FROM audit WHERE at < $1 ORDER BY at DESC, n DESC LIMIT $2";
    let mut rows: Vec<Row> =
        sqlx::query_as(sql).bind(before).bind(i64::from(limit)).fetch_all(&database.read).await?;
    if rows.len() == limit as usize
        && let Some((n, at, ..)) = rows.last().cloned()
    {
        let sql = "SELECT n, at, user, act, object, address FROM audit WHERE at = $1 AND n < $2 \
            ORDER BY n DESC LIMIT 1000";
        let ties: Vec<Row> = sqlx::query_as(sql).bind(at).bind(n).fetch_all(&database.read).await?;
        rows.extend(ties);
    }
    let act = |(_, at, user, act, on, from): Row| Act { at: Wall(at), user, act, on, from };
    Ok(rows.into_iter().map(act).collect())
}
