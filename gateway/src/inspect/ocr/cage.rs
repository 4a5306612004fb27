//! The cage around the reading of one picture.
//!
//! The decoder runs in it, and after it Tesseract, which needs its libraries and its
//! language data: files may be read where programs keep those, nothing may be written, no
//! program but Tesseract and the loader started, no socket opened, no process made. Where
//! the kernel lacks Landlock the seccomp filter still keeps it from network and processes.

use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
    path_beneath_rules,
};
use rustix::process::Resource;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, SeccompRule, TargetArch};

use crate::inspect::cage::{Cage, Enforcement, by_landlock, by_seccomp, limit};

/// Octets of the greatest file: the grey picture in memory, which counts as one.
const PICTURE: u64 = 256 << 20;
/// Descriptors: libraries are opened one after the other.
const DESCRIPTORS: u64 = 64;

/// Where programs keep their libraries and data.
const READABLE: [&str; 7] = [
    "/usr",
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/sys/devices/system/cpu",
];

/// Where the loader lies that starts a program (ELF interpreter).
const LOADERS: [&str; 3] = ["/lib", "/lib64", "/usr/lib"];

/// Locks the calling process, and what it turns itself into, in for good.
///
/// `memory`: octets of address space; `cpu_seconds`: processor time.
///
/// # Errors
/// A limit that every kernel has could not be set.
pub(super) fn lock(
    program: &Path,
    data: Option<&Path>,
    memory: u64,
    cpu_seconds: u64,
) -> io::Result<Cage> {
    // When the machine runs out of memory, this goes first of all.
    let _ = std::fs::write("/proc/self/oom_score_adj", "800");
    limit(Resource::As, memory)?;
    limit(Resource::Cpu, cpu_seconds)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, PICTURE)?;
    limit(Resource::Nproc, 0)?;
    limit(Resource::Nofile, DESCRIPTORS)?;
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(Cage {
        landlock: landlock(program, data),
        seccomp: by_seccomp(filter()),
    })
}

fn landlock(program: &Path, data: Option<&Path>) -> Enforcement {
    let newest = ABI::V6;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let readable = READABLE.iter().map(Path::new).chain(data).chain([program]);
    let runnable = LOADERS.iter().map(Path::new).chain([program]);
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(newest))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(newest)))
        .and_then(|rules| rules.scope(Scope::from_all(newest)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.add_rules(path_beneath_rules(readable, read)))
        .and_then(|rules| rules.add_rules(path_beneath_rules(runnable, read | AccessFs::Execute)))
        .and_then(landlock::RulesetCreated::restrict_self);
    by_landlock(status)
}

/// The filter: what is not listed does not exist. A refusal instead of a kill, because a C
/// library asks for newer calls first and takes an older one when it gets this answer.
fn filter() -> Option<BpfProgram> {
    let allowed = [
        // Computing on memory.
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_membarrier,
        // Open descriptors, and files that Landlock lets it read.
        libc::SYS_read,
        libc::SYS_write,
        libc::SYS_readv,
        libc::SYS_writev,
        libc::SYS_pread64,
        libc::SYS_pwrite64,
        libc::SYS_lseek,
        libc::SYS_close,
        libc::SYS_dup,
        libc::SYS_dup3,
        libc::SYS_fcntl,
        libc::SYS_fstat,
        libc::SYS_newfstatat,
        libc::SYS_statx,
        libc::SYS_statfs,
        libc::SYS_fstatfs,
        libc::SYS_openat,
        libc::SYS_faccessat,
        libc::SYS_faccessat2,
        libc::SYS_readlinkat,
        libc::SYS_getdents64,
        libc::SYS_getcwd,
        libc::SYS_ftruncate,
        libc::SYS_memfd_create,
        libc::SYS_ioctl,
        libc::SYS_ppoll,
        // Becoming Tesseract: the one program that Landlock lets it start.
        libc::SYS_execve,
        libc::SYS_set_tid_address,
        libc::SYS_set_robust_list,
        libc::SYS_rseq,
        libc::SYS_prlimit64,
        // Itself, the time, the machine.
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_clock_gettime,
        libc::SYS_clock_getres,
        libc::SYS_clock_nanosleep,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_getuid,
        libc::SYS_geteuid,
        libc::SYS_getgid,
        libc::SYS_getegid,
        libc::SYS_getrusage,
        libc::SYS_sysinfo,
        libc::SYS_uname,
        libc::SYS_restart_syscall,
        libc::SYS_tgkill,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    #[cfg(target_arch = "x86_64")]
    let older = [
        libc::SYS_arch_prctl,
        libc::SYS_access,
        libc::SYS_open,
        libc::SYS_stat,
        libc::SYS_lstat,
        libc::SYS_readlink,
        libc::SYS_dup2,
        libc::SYS_poll,
        libc::SYS_time,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let older: [libc::c_long; 0] = [];
    let rules: std::collections::BTreeMap<i64, Vec<SeccompRule>> = allowed
        .into_iter()
        .chain(older)
        .map(|call| (call, Vec::new()))
        .collect();
    SeccompFilter::new(
        rules,
        SeccompAction::Errno(u32::try_from(libc::ENOSYS).ok()?),
        SeccompAction::Allow,
        TargetArch::try_from(std::env::consts::ARCH).ok()?,
    )
    .ok()?
    .try_into()
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_can_be_compiled_for_this_machine() {
        assert!(filter().is_some_and(|filter| filter.len() > 60));
    }
}
