//! The commands, one file each.

#[macro_use]
mod print;

mod audit;
mod check;
mod config;
mod demo;
mod doctor;
mod failure;
mod options;
mod password;
mod policy;
mod quarantine;
mod queue;
mod register;
mod roster;
mod serve;
mod ticket;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use check::CheckArgs;

/// Outgoing mail of schools: looked into, judged, and stopped where it must be.
#[derive(Debug, Parser)]
#[command(name = "schoolgate", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway
    Serve(serve::ServeArgs),
    /// Show a made-up school's mail going through the real gateway
    Demo(demo::DemoArgs),
    /// Say the verdict for messages in files, without sending anything
    Check(CheckArgs),
    /// Check the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Import and show the roster: pupils, contacts, staff, agencies
    #[command(subcommand)]
    Roster(roster::RosterCommand),
    /// Permissions, trusted recipients, staff who are parents, family, consent to pictures
    #[command(subcommand)]
    Register(register::RegisterCommand),
    /// Look at the mail on its way out
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// Look at stopped mail and answer it
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Look at breach tickets
    #[command(subcommand)]
    Ticket(ticket::TicketCommand),
    /// Check the audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Explain the school's policy
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Look at DNS, ports, certificates, next hops, keys, clock and roster
    Doctor(doctor::DoctorArgs),
    /// Make the hash of a password for a client's log-in
    Password,
    /// Inspect for the gateway that started this process
    #[command(hide = true)]
    Worker,
    /// Read one picture for the gateway that started this process
    #[command(hide = true)]
    Ocr(crate::inspect::ocr::child::OcrArgs),
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        // A worker locks itself in: it must not have a second thread.
        Command::Worker => crate::inspect::worker::run(),
        Command::Ocr(args) => crate::inspect::ocr::child::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Config(command) => config::run(&command),
        Command::Roster(command) => roster::run(command),
        Command::Register(command) => register::run(command),
        Command::Queue(command) => queue::run(command),
        Command::Quarantine(command) => quarantine::run(command),
        Command::Ticket(command) => ticket::run(command),
        Command::Audit(command) => audit::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Doctor(args) => doctor::run(&args),
        Command::Password => password::run(),
    }
}
