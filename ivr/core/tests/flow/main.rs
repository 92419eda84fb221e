//! The ivr core from outside: flows, legs, hand-overs and restarts in virtual time, with a shell and
//! workers that do what a test says.

#[cfg(test)]
mod bot;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod chat_restart;
#[cfg(test)]
mod files;
#[cfg(test)]
mod films;
#[cfg(test)]
mod form;
#[cfg(test)]
mod hand_over;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod legs;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod verbs;
#[cfg(test)]
mod web;
#[cfg(test)]
mod world;
