//! How a worker locks itself in before it sees the first message.
//!
//! Resource limits first, then no new privileges, Landlock (no file, no port, no signal
//! to others) where the kernel has it, and last a seccomp filter that kills the process
//! at any system call that computing on memory and speaking over open descriptors does
//! not need. Where the kernel lacks Landlock or seccomp, the worker says so.

use std::io;

use landlock::{
    ABI, Access, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr, RulesetError,
    RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use serde::{Deserialize, Serialize};

/// How far the kernel enforces a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    Full,
    /// An older kernel enforces a part of it.
    Partial,
    /// The kernel has no such thing.
    None,
}

/// Which fences stand around a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cage {
    pub seccomp: Enforcement,
    pub landlock: Enforcement,
}

impl Cage {
    /// No fence stands yet.
    pub fn none() -> Self {
        Self {
            seccomp: Enforcement::None,
            landlock: Enforcement::None,
        }
    }

    /// What this kernel lacks, in words for health.
    pub fn lacks(self) -> Vec<String> {
        let missing = |what: &str, enforcement: Enforcement| {
            (enforcement != Enforcement::Full)
                .then(|| format!("This kernel does not give workers the full {what} fence."))
        };
        [
            missing("seccomp", self.seccomp),
            missing("Landlock", self.landlock),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether one of the fences keeps a worker from files and network.
    pub fn holds(self) -> bool {
        self.seccomp == Enforcement::Full || self.landlock == Enforcement::Full
    }
}

/// Locks the calling process in, for good. It must have one thread only.
///
/// `memory` is what it may take, octets, what it has taken already among it; `cpu_seconds`
/// its processor time in all.
///
/// # Errors
/// A limit that every kernel has could not be set.
pub fn lock(memory: u64, cpu_seconds: u64) -> io::Result<Cage> {
    // When the machine runs out of memory, a worker is to go before the gateway. Where
    // that cannot be said (no /proc to write to), it is as it is.
    let _ = std::fs::write("/proc/self/oom_score_adj", "500");
    // What is mapped so far and not used (most of the program, its stack, the roster's
    // index, which all workers share) counts apart.
    let status = std::fs::read_to_string("/proc/self/status")?;
    let taken = octets(&status, "RssAnon:")?.saturating_add(octets(&status, "RssFile:")?);
    let left = memory.saturating_sub(taken);
    limit(
        Resource::As,
        octets(&status, "VmSize:")?.saturating_add(left),
    )?;
    limit(Resource::Cpu, cpu_seconds)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nproc, 0)?;
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    rustix::thread::set_no_new_privs(true)?;
    let landlock = landlock();
    // Landlock needed a descriptor; nothing does from here on.
    limit(Resource::Nofile, 0)?;
    Ok(Cage {
        landlock,
        seccomp: by_seccomp(filter()),
    })
}

/// Sets soft and hard limit, no higher than the hard limit that is there.
pub(super) fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let most = getrlimit(resource)
        .maximum
        .map_or(most, |now| most.min(now));
    setrlimit(
        resource,
        Rlimit {
            current: Some(most),
            maximum: Some(most),
        },
    )?;
    Ok(())
}

/// What a line of a process's status counts in KiB, in octets (proc_pid_status(5)).
fn octets(status: &str, line: &str) -> io::Result<u64> {
    status
        .lines()
        .find_map(|found| found.strip_prefix(line)?.strip_suffix("kB"))
        .and_then(|kib| kib.trim().parse::<u64>().ok())
        .map(|kib| kib.saturating_mul(1024))
        .ok_or_else(|| io::Error::other(format!("/proc/self/status does not say {line}")))
}

fn landlock() -> Enforcement {
    let newest = ABI::V6;
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(newest))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(newest)))
        .and_then(|rules| rules.scope(Scope::from_all(newest)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    by_landlock(status)
}

/// How far Landlock did what it was asked.
pub(super) fn by_landlock(status: Result<RestrictionStatus, RulesetError>) -> Enforcement {
    match status.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Enforcement::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Enforcement::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Enforcement::None,
    }
}

/// Puts a seccomp filter in force. `None`: this machine cannot have it.
pub(super) fn by_seccomp(filter: Option<BpfProgram>) -> Enforcement {
    match filter.and_then(|filter| seccompiler::apply_filter(&filter).ok()) {
        Some(()) => Enforcement::Full,
        None => Enforcement::None,
    }
}

/// The filter: what is not listed kills the process.
fn filter() -> Option<BpfProgram> {
    let plain = [
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_brk,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_sched_yield,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut rules: std::collections::BTreeMap<i64, Vec<SeccompRule>> =
        plain.into_iter().map(|call| (call, Vec::new())).collect();
    // No new code: memory is never made executable.
    let not_executable = SeccompCmpOp::MaskedEq(u64::try_from(libc::PROT_EXEC).ok()?);
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![only_if(2, not_executable.clone(), 0)?]);
    }
    // abort() signals its own process; no other may be signalled.
    let own = u64::from(std::process::id());
    rules.insert(libc::SYS_tgkill, vec![only_if(0, SeccompCmpOp::Eq, own)?]);
    // The standard library asks whether a descriptor is open before it closes it.
    rules.insert(
        libc::SYS_fcntl,
        vec![only_if(
            1,
            SeccompCmpOp::Eq,
            u64::try_from(libc::F_GETFD).ok()?,
        )?],
    );
    SeccompFilter::new(
        rules,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
        TargetArch::try_from(std::env::consts::ARCH).ok()?,
    )
    .ok()?
    .try_into()
    .ok()
}

fn only_if(argument: u8, compare: SeccompCmpOp, value: u64) -> Option<SeccompRule> {
    let condition =
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, compare, value).ok()?;
    SeccompRule::new(vec![condition]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_can_be_compiled_for_this_machine() {
        assert!(filter().is_some_and(|filter| filter.len() > 20));
    }

    #[test]
    fn a_status_is_read_line_by_line() {
        let status = "Name:\tx\nVmSize:\t  2048 kB\nRssAnon:\t 3 kB\nThreads:\t1\n";
        assert_eq!(octets(status, "VmSize:").unwrap(), 2048 << 10);
        assert_eq!(octets(status, "RssAnon:").unwrap(), 3 << 10);
        assert!(octets(status, "RssFile:").is_err());
        assert!(octets(status, "Threads:").is_err());
    }
}
