//! Whether this machine can start a program: checks what the kernel and the loader need, without
//! running it.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use elf::abi;
use elf::endian::AnyEndian;
use elf::file::{FileHeader, parse_ident};
use elf::segment::SegmentTable;
use rustix::fs::{StatVfsMountFlags, statvfs};

/// How much of a program is read; the headers and the name of the loader are at its beginning.
const MOST_READ: u64 = 1 << 16;
/// The kernel truncates longer first lines of scripts: execve(2).
const LONGEST_LINE: usize = 255;

/// Why this machine cannot start a program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramProblem {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// The kernel does not recognise its format.
    #[error("it is neither an ELF program nor a script whose first line begins with `#!`")]
    NoFormat,
    /// A script with Windows line endings.
    #[error("its first line ends with a carriage return, which becomes part of `{interpreter}`")]
    CarriageReturn {
        /// The interpreter, without the carriage return.
        interpreter: String,
    },
    /// A script without its interpreter.
    #[error("its interpreter {} does not exist", interpreter.display())]
    NoInterpreter {
        /// As named in the first line.
        interpreter: PathBuf,
    },
    /// A script whose interpreter cannot be executed.
    #[error("its interpreter {} cannot be executed", interpreter.display())]
    BadInterpreter {
        /// As named in the first line.
        interpreter: PathBuf,
    },
    /// An ELF program for another processor.
    #[error("it is a program for {program}, and this machine is {host}")]
    OtherMachine {
        /// Its architecture.
        program: String,
        /// This machine's architecture.
        host: String,
    },
    /// An ELF program whose dynamic loader is missing.
    #[error("its loader {} does not exist", loader.display())]
    NoLoader {
        /// As named in the program.
        loader: PathBuf,
    },
    /// The ELF file is truncated.
    #[error("it is truncated: its headers refer to data beyond the end of the file")]
    CutOff,
    /// A shared library is missing or too old.
    #[error("{said}")]
    Library {
        /// The message of the loader.
        said: String,
    },
    /// The file system does not permit executing programs.
    #[error("it is on a file system that is mounted with `noexec`")]
    NoExec,
    /// It is not executable.
    #[error("it is not executable")]
    NoPermission,
    /// It is a folder, a socket or something else that cannot be executed.
    #[error("it is not a regular file")]
    NotAFile,
}

impl ProgramProblem {
    /// Returns what to do about it.
    #[must_use]
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Empty | Self::CutOff => "build or copy the program again",
            Self::NoFormat => "begin a script with its interpreter, as in `#!/bin/sh`",
            Self::CarriageReturn { .. } => {
                "convert the script to Unix line endings: `sed -i 's/\\r$//' FILE`"
            }
            Self::NoInterpreter { .. } | Self::BadInterpreter { .. } => {
                "install the interpreter, or correct the first line"
            }
            Self::OtherMachine { .. } => "build the program for this machine",
            Self::NoLoader { .. } => {
                "build the program for this system's C library, or link it statically (target …-linux-musl)"
            }
            Self::Library { .. } => {
                "install the package that provides that library, or link it statically; `ldd FILE` lists the libraries"
            }
            Self::NoExec => "move the package to another file system, or mount this one with `exec`",
            Self::NoPermission => "make it executable: chmod +x",
            Self::NotAFile => "set `Executable` to the program itself",
        }
    }
}

/// Returns what prevents this machine from starting a program.
///
/// # Errors
/// Returns an error if the program cannot be read.
pub fn problem(program: &Path) -> io::Result<Option<ProgramProblem>> {
    let known = std::fs::metadata(program)?;
    if !known.is_file() {
        return Ok(Some(ProgramProblem::NotAFile));
    }
    if known.permissions().mode() & 0o111 == 0 {
        return Ok(Some(ProgramProblem::NoPermission));
    }
    if statvfs(program)?.f_flag.contains(StatVfsMountFlags::NOEXEC) {
        return Ok(Some(ProgramProblem::NoExec));
    }
    let mut head = Vec::new();
    File::open(program)?.take(MOST_READ).read_to_end(&mut head)?;
    Ok(match &head[..] {
        [] => Some(ProgramProblem::Empty),
        [b'#', b'!', rest @ ..] => script(rest),
        [0x7f, b'E', b'L', b'F', ..] => elf(&head, known.len()),
        _ if other_formats() => None,
        _ => Some(ProgramProblem::NoFormat),
    })
}

fn script(rest: &[u8]) -> Option<ProgramProblem> {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
    let line = line[..line.len().min(LONGEST_LINE)].trim_ascii_start();
    let name = line.split(|byte| matches!(byte, b' ' | b'\t')).next().unwrap_or(line);
    if let Some(name) = name.strip_suffix(b"\r") {
        return Some(ProgramProblem::CarriageReturn { interpreter: String::from_utf8_lossy(name).into() });
    }
    let interpreter = PathBuf::from(std::ffi::OsStr::from_bytes(name));
    match std::fs::metadata(&interpreter) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Some(ProgramProblem::NoInterpreter { interpreter })
        }
        Ok(known) if known.is_file() && known.permissions().mode() & 0o111 != 0 => None,
        Ok(_) | Err(_) => Some(ProgramProblem::BadInterpreter { interpreter }),
    }
}

fn elf(head: &[u8], length: u64) -> Option<ProgramProblem> {
    let Some((header, segments)) = headers(head) else { return Some(ProgramProblem::CutOff) };
    if !runs_here(header.e_machine) && !other_formats() {
        let [program, host] = [header.e_machine, host_machine()?].map(machine_name);
        return Some(ProgramProblem::OtherMachine { program, host });
    }
    let mut loader = None;
    for segment in segments {
        if segment.p_offset.checked_add(segment.p_filesz).is_none_or(|end| end > length) {
            return Some(ProgramProblem::CutOff);
        }
        if segment.p_type == abi::PT_INTERP {
            let from = usize::try_from(segment.p_offset).ok()?;
            let name = head.get(from..from.checked_add(usize::try_from(segment.p_filesz).ok()?)?)?;
            let name = name.strip_suffix(b"\0").unwrap_or(name);
            loader = Some(PathBuf::from(std::ffi::OsStr::from_bytes(name)));
        }
    }
    loader.filter(|loader| !loader.exists()).map(|loader| ProgramProblem::NoLoader { loader })
}

/// Returns which shared library a program lacks, according to its loader; the program is not run.
///
/// Only a loader of the system is used, because the one named by a program is itself a program.
#[must_use]
pub fn missing_library(program: &Path) -> Option<ProgramProblem> {
    let mut head = Vec::new();
    File::open(program).ok()?.take(MOST_READ).read_to_end(&mut head).ok()?;
    let (_, segments) = headers(&head)?;
    let segment = segments.iter().find(|segment| segment.p_type == abi::PT_INTERP)?;
    let from = usize::try_from(segment.p_offset).ok()?;
    let name = head.get(from..from.checked_add(usize::try_from(segment.p_filesz).ok()?)?)?;
    let loader = Path::new(std::ffi::OsStr::from_bytes(name.strip_suffix(b"\0").unwrap_or(name)));
    let of_system =
        ["/lib", "/lib64", "/usr/lib", "/usr/lib64"].iter().any(|folder| loader.starts_with(folder));
    if !of_system {
        return None;
    }
    let asked = Command::new(loader).arg("--list").arg(program).stdin(Stdio::null()).output().ok()?;
    if asked.status.success() {
        return None;
    }
    let said = String::from_utf8_lossy(&asked.stderr);
    let said = said.trim().rsplit_once("shared libraries: ").map_or(said.trim(), |(_, said)| said);
    (!said.is_empty()).then(|| ProgramProblem::Library { said: said.to_owned() })
}

type Headers = (FileHeader<AnyEndian>, Vec<elf::segment::ProgramHeader>);

fn headers(head: &[u8]) -> Option<Headers> {
    let ident = parse_ident::<AnyEndian>(head.get(..abi::EI_NIDENT)?).ok()?;
    let (endian, class) = (ident.0, ident.1);
    let header = FileHeader::parse_tail(ident, head.get(abi::EI_NIDENT..)?).ok()?;
    let from = usize::try_from(header.e_phoff).ok()?;
    let size = usize::from(header.e_phentsize) * usize::from(header.e_phnum);
    let table = head.get(from..from.checked_add(size)?)?;
    Some((header, SegmentTable::new(endian, class, table).iter().collect()))
}

/// The architecture of this program.
fn host_machine() -> Option<u16> {
    let mut head = Vec::new();
    File::open("/proc/self/exe").ok()?.take(MOST_READ).read_to_end(&mut head).ok()?;
    headers(&head).map(|(header, _)| header.e_machine)
}

/// 64-bit machines can usually run programs of their 32-bit predecessors.
fn runs_here(machine: u16) -> bool {
    host_machine().is_none_or(|host| {
        machine == host
            || (host == abi::EM_X86_64 && machine == abi::EM_386)
            || (host == abi::EM_AARCH64 && machine == abi::EM_ARM)
    })
}

/// Whether the kernel supports further formats: binfmt_misc(5).
fn other_formats() -> bool {
    let Ok(entries) = std::fs::read_dir("/proc/sys/fs/binfmt_misc") else { return false };
    entries.flatten().any(|entry| entry.file_name() != "register" && entry.file_name() != "status")
}

fn machine_name(machine: u16) -> String {
    match machine {
        abi::EM_X86_64 => "x86-64".into(),
        abi::EM_386 => "x86 (32 bits)".into(),
        abi::EM_AARCH64 => "64-bit ARM".into(),
        abi::EM_ARM => "32-bit ARM".into(),
        abi::EM_RISCV => "RISC-V".into(),
        abi::EM_PPC64 => "64-bit PowerPC".into(),
        abi::EM_S390 => "S/390".into(),
        abi::EM_LOONGARCH => "LoongArch".into(),
        other => format!("ELF machine {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn of(contents: &[u8]) -> Option<ProgramProblem> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(&path, contents).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        problem(&path).unwrap()
    }

    fn own() -> Vec<u8> {
        fs::read("/proc/self/exe").unwrap()
    }

    #[test]
    fn what_runs_has_no_problem() {
        assert_eq!(of(&own()), None);
        assert_eq!(of(b"#!/bin/sh\nexit 0\n"), None);
        assert_eq!(of(b"#! /bin/sh -e\n"), None);
        assert_eq!(missing_library(Path::new("/proc/self/exe")), None);
    }

    #[test]
    fn what_a_script_lacks_is_named() {
        let gone = ProgramProblem::NoInterpreter { interpreter: "/no/such/interpreter".into() };
        assert_eq!(of(b"#!/no/such/interpreter -x\n"), Some(gone));
        let returned = ProgramProblem::CarriageReturn { interpreter: "/bin/sh".into() };
        assert_eq!(of(b"#!/bin/sh\r\necho\r\n"), Some(returned));
        let folder = ProgramProblem::BadInterpreter { interpreter: "/tmp".into() };
        assert_eq!(of(b"#!/tmp\n"), Some(folder));
        assert_eq!(of(b""), Some(ProgramProblem::Empty));
    }

    #[test]
    fn what_an_elf_program_lacks_is_named() {
        let own = own();
        for length in [100, 64 << 10] {
            assert_eq!(of(&own[..length]), Some(ProgramProblem::CutOff), "{length} bytes");
        }
        assert_eq!(of(b"\x7fELF"), Some(ProgramProblem::CutOff));
        if !other_formats() {
            assert_eq!(of(b"echo hello\n"), Some(ProgramProblem::NoFormat));
            let mut foreign = own.clone();
            foreign[18..20].copy_from_slice(&abi::EM_S390.to_le_bytes());
            let problem = of(&foreign).unwrap().to_string();
            assert!(problem.starts_with("it is a program for S/390, and this machine is "), "{problem}");
        }
        let loader = own.windows(4).position(|four| four == b"/ld-").unwrap();
        let mut moved = own;
        moved[loader + 1] = b'L';
        assert!(matches!(of(&moved), Some(ProgramProblem::NoLoader { .. })));
    }

    #[test]
    fn what_may_not_run_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(&path, "#!/bin/sh\n").unwrap();
        assert_eq!(problem(&path).unwrap(), Some(ProgramProblem::NoPermission));
        assert_eq!(problem(folder.path()).unwrap(), Some(ProgramProblem::NotAFile));
        assert!(problem(&folder.path().join("gone")).is_err());
    }
}
