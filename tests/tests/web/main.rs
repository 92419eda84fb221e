//! Customers on web pages, agents at their consoles and their colleagues, around a real centre: what each of
//! them notices, and what is stored. With `NGCC_TEST_BUS=serialising` over the other bus.

// Helpers of tests are tests too, to the lints.
#![cfg(test)]

mod agent;
mod bot;
mod browser;
mod calls;
mod channels;
mod chat;
mod contacts;
mod crash;
mod customer;
mod cuts;
mod desk;
mod files;
mod flood;
mod forms;
mod house;
mod idle;
mod letters;
mod origins;
mod page;
mod setting_up;
mod sharing;
mod stores;
mod team;
mod texting;
mod torrent;
mod wecom;
