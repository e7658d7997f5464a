//! The oldest libc with which a program runs.

use std::fs;
use std::path::Path;

use elf::ElfBytes;
use elf::endian::AnyEndian;

use super::failure::Failure;

/// Returns the newest version of glibc of which the program needs a symbol, such as `2.34`.
pub(super) fn version(program: &Path) -> Result<String, Failure> {
    let bytes = fs::read(program).map_err(Failure::file(program))?;
    newest(&bytes).map_err(|why| Failure::Elf { path: program.to_owned(), why: why.to_string() })
}

fn newest(bytes: &[u8]) -> Result<String, elf::ParseError> {
    let file = ElfBytes::<AnyEndian>::minimal_parse(bytes)?;
    let mut needed: Vec<(u32, u32)> = Vec::new();
    if let (Some(table), Some((symbols, _))) = (file.symbol_version_table()?, file.dynamic_symbol_table()?) {
        for index in 0..symbols.len() {
            let requirement = table.get_requirement(index)?;
            needed.extend(requirement.and_then(|symbol| of_glibc(symbol.name)));
        }
    }
    let (major, minor) = needed.into_iter().max().unwrap_or((2, 0));
    Ok(format!("{major}.{minor}"))
}

/// Reads the name of a version, such as `GLIBC_2.34`.
fn of_glibc(name: &str) -> Option<(u32, u32)> {
    let mut numbers = name.strip_prefix("GLIBC_")?.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let names = ["GLIBC_2.9", "GLIBC_2.34", "GLIBC_2.2.5", "GCC_3.0", "GLIBC_PRIVATE"];
        assert_eq!(names.into_iter().filter_map(of_glibc).max(), Some((2, 34)));
    }

    #[test]
    fn a_program_needs_a_libc() {
        let own = std::env::current_exe().unwrap();
        let version = version(&own).unwrap();
        assert!(version.starts_with("2.") && version != "2.0", "{version}");
    }
}
