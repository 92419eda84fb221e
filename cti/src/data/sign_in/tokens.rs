//! Who is signed in, by the hash of the token, and at which addresses users are known.

use std::collections::BTreeMap;

use ngcc_proto::Wall;
use sha2::{Digest, Sha256};

use super::super::book::Person;
use super::super::database::Database;
use super::super::guard::Address;
use super::super::ledger::Entry;
use super::super::secrets::hex;
use crate::error::StartError;

/// The most sign-ins of one user at the same time; the one that ends first gives way.
const MOST_SIGN_INS: usize = 32;
/// The most addresses at which a user is known; the one that was not used for longest gives way.
const MOST_ADDRESSES: usize = 16;

/// Who is signed in.
#[derive(Debug, Default)]
pub(in super::super) struct Tokens {
    by_token: BTreeMap<String, SignedIn>,
    /// With the time of the last sign-in there.
    addresses: BTreeMap<String, BTreeMap<Address, Wall>>,
}

#[derive(Debug)]
struct SignedIn {
    user: String,
    until: Wall,
    /// Tells the password that was given from a later one.
    password: String,
}

impl Tokens {
    /// What was stored.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(in super::super) async fn load(database: &Database) -> Result<Self, StartError> {
        let mut tokens = Self::default();
        let rows: Vec<(String, String, i64, String)> =
            sqlx::query_as("SELECT token, user, until, password FROM sign_ins")
                .fetch_all(&database.write)
                .await
                .map_err(|e| database.fails(e))?;
        for (token, user, until, password) in rows {
            tokens.by_token.insert(token, SignedIn { user, until: Wall(until), password });
        }
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT user, address, at FROM known_addresses ORDER BY at")
                .fetch_all(&database.write)
                .await
                .map_err(|e| database.fails(e))?;
        for (user, address, at) in rows {
            tokens.known_at(&user, Address::stored(address), Wall(at));
        }
        Ok(tokens)
    }

    /// A user has signed in; what is to be written of it.
    pub(super) fn put(
        &mut self,
        token: &str,
        user: &str,
        until: Wall,
        kept: &str,
        address: &Address,
        at: Wall,
    ) -> Vec<Entry> {
        self.by_token.retain(|_, signed_in| signed_in.until > at);
        let mut entries = Vec::new();
        let own = || self.by_token.iter().filter(|(_, signed_in)| signed_in.user == user);
        if own().count() >= MOST_SIGN_INS
            && let Some((first, _)) = own().min_by_key(|(_, signed_in)| signed_in.until)
        {
            let token = first.clone();
            self.by_token.remove(&token);
            entries.push(Entry::SignedOut { token });
        }
        let password = tag(kept);
        let signed_in = SignedIn { user: user.to_owned(), until, password: password.clone() };
        self.by_token.insert(token.to_owned(), signed_in);
        self.known_at(user, address.clone(), at);
        entries.push(Entry::SignedIn {
            token: token.to_owned(),
            user: user.to_owned(),
            until,
            password,
            address: address.as_str().to_owned(),
            at,
        });
        entries
    }

    /// Whose token it is and until when, if the password it was given for is still the user's.
    pub(super) fn whose(
        &self,
        token: &str,
        now: Wall,
        people: &BTreeMap<String, Person>,
    ) -> Option<(String, Wall)> {
        let signed_in = self.by_token.get(token).filter(|signed_in| signed_in.until > now)?;
        let kept = people.get(&signed_in.user)?.password.as_deref()?;
        (tag(kept) == signed_in.password).then(|| (signed_in.user.clone(), signed_in.until))
    }

    /// The token stands for nobody any longer; whose it was.
    pub(super) fn remove(&mut self, token: &str) -> Option<String> {
        self.by_token.remove(token).map(|signed_in| signed_in.user)
    }

    /// Whether the user has signed in from there.
    pub(super) fn is_known_at(&self, user: &str, address: &Address) -> bool {
        self.addresses.get(user).is_some_and(|known| known.contains_key(address))
    }

    fn known_at(&mut self, user: &str, address: Address, at: Wall) {
        let known = self.addresses.entry(user.to_owned()).or_default();
        known.insert(address, at);
        if known.len() > MOST_ADDRESSES
            && let Some(oldest) = known.iter().min_by_key(|(_, at)| **at).map(|(address, _)| address.clone())
        {
            known.remove(&oldest);
        }
    }
}

fn tag(kept: &str) -> String {
    hex(&Sha256::digest(kept))
}
