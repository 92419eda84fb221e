//! Groups: who may write in one, and what a change makes of it.

use ngcc_proto::im::{Change, MAX_GROUPS, MAX_MEMBERS, To, What};
use ngcc_proto::{AgentUri, GroupId};

use super::{Place, Placed, Refusal, Talk, Tx, agent, begin, find, int, join, parties};

/// Something is said in a group.
pub(super) async fn said(tx: &mut Tx, from: &AgentUri, group: GroupId) -> Result<Place, sqlx::Error> {
    let Some((talk, members)) = group_of(tx, from, group).await? else { return Ok(Err(Refusal::NoMember)) };
    Ok(Ok(Placed { talk, receivers: without(members, from), what: None }))
}

/// A group is made or changed.
pub(super) async fn changed(
    tx: &mut Tx,
    from: &AgentUri,
    group: GroupId,
    change: &Change,
) -> Result<Place, sqlx::Error> {
    if let Change::Made { name, members } = change {
        return made(tx, from, group, name, members).await;
    }
    let Some((talk, members)) = group_of(tx, from, group).await? else { return Ok(Err(Refusal::NoMember)) };
    let line = talk.last + 1;
    let (change, receivers) = match change {
        // Made above.
        Change::Made { .. } => return Ok(Err(Refusal::Nothing)),
        Change::Renamed { name } => {
            if !rename(tx, &talk, name).await? {
                return Ok(Err(Refusal::Nothing));
            }
            (change.clone(), members)
        }
        Change::Added { who } => {
            let new = once(who.iter().filter(|one| !members.contains(one)));
            if members.len() + new.len() > MAX_MEMBERS {
                return Ok(Err(Refusal::GroupFull));
            }
            if in_too_many(tx, &new).await? {
                return Ok(Err(Refusal::TooManyGroups));
            }
            for one in &new {
                join(tx, one, talk.talk, line).await?;
            }
            (Change::Added { who: new.clone() }, [members, new].concat())
        }
        Change::Removed { who } => {
            let out = once(who.iter().filter(|one| members.contains(one) && *one != from));
            leave(tx, &talk, &out, line).await?;
            (Change::Removed { who: out }, members)
        }
        Change::Left => {
            leave(tx, &talk, std::slice::from_ref(from), line).await?;
            (Change::Left, members)
        }
    };
    if matches!(&change, Change::Added { who } | Change::Removed { who } if who.is_empty()) {
        return Ok(Err(Refusal::Nothing));
    }
    Ok(Ok(Placed { talk, receivers: without(receivers, from), what: Some(What::Changed { change }) }))
}

async fn made(
    tx: &mut Tx,
    from: &AgentUri,
    group: GroupId,
    name: &str,
    members: &[AgentUri],
) -> Result<Place, sqlx::Error> {
    let members = once(std::iter::once(from).chain(members));
    if members.len() > MAX_MEMBERS {
        return Ok(Err(Refusal::GroupFull));
    }
    if in_too_many(tx, &members).await? {
        return Ok(Err(Refusal::TooManyGroups));
    }
    let talk = begin(tx, &parties(from, &To::Group(group)), Some(name)).await?;
    for member in &members {
        join(tx, member, talk.talk, 1).await?;
    }
    let what = What::Changed { change: Change::Made { name: name.to_owned(), members: members.clone() } };
    Ok(Ok(Placed { talk, receivers: without(members, from), what: Some(what) }))
}

/// The group and who is in it, if `one` is.
async fn group_of(
    tx: &mut Tx,
    one: &AgentUri,
    group: GroupId,
) -> Result<Option<(Talk, Vec<AgentUri>)>, sqlx::Error> {
    let Some(talk) = find(tx, &parties(one, &To::Group(group))).await? else { return Ok(None) };
    let sql = "SELECT member FROM members WHERE talk = $1 AND until IS NULL ORDER BY member";
    let names: Vec<String> = sqlx::query_scalar(sql).bind(talk.talk).fetch_all(&mut **tx).await?;
    let members = names.iter().map(|name| agent(name)).collect::<Result<Vec<_>, _>>()?;
    Ok(members.contains(one).then_some((talk, members)))
}

/// Whether any of them is in as many groups as one may be in.
async fn in_too_many(tx: &mut Tx, who: &[AgentUri]) -> Result<bool, sqlx::Error> {
    let sql = "SELECT count(*) FROM members m JOIN talks t USING (talk) \
        WHERE m.member = $1 AND m.until IS NULL AND t.title IS NOT NULL";
    for one in who {
        let groups: i64 = sqlx::query_scalar(sql).bind(one.name()).fetch_one(&mut **tx).await?;
        if usize::try_from(groups).unwrap_or(0) >= MAX_GROUPS {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn rename(tx: &mut Tx, talk: &Talk, name: &str) -> Result<bool, sqlx::Error> {
    let sql = "UPDATE talks SET title = $2 WHERE talk = $1 AND title <> $2";
    Ok(sqlx::query(sql).bind(talk.talk).bind(name).execute(&mut **tx).await?.rows_affected() > 0)
}

/// They read up to `line` and no further.
async fn leave(tx: &mut Tx, talk: &Talk, who: &[AgentUri], line: u64) -> Result<(), sqlx::Error> {
    for one in who {
        for sql in [
            "UPDATE members SET until = $3 WHERE member = $1 AND talk = $2 AND until IS NULL",
            "UPDATE spans SET last = $3 WHERE member = $1 AND talk = $2 AND last IS NULL",
        ] {
            sqlx::query(sql).bind(one.name()).bind(talk.talk).bind(int(line)).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// Each once, in their order.
fn once<'a>(who: impl Iterator<Item = &'a AgentUri>) -> Vec<AgentUri> {
    let mut found: Vec<AgentUri> = who.cloned().collect();
    found.sort();
    found.dedup();
    found
}

fn without(mut who: Vec<AgentUri>, one: &AgentUri) -> Vec<AgentUri> {
    who.retain(|other| other != one);
    who
}
