//! Memory and swap use, from `/proc/meminfo`.

use ferrovirt_guest::protocol::Memory;

use super::line;

pub(crate) fn read() -> Option<Memory> {
    parse(&line("/proc/meminfo"))
}

fn parse(text: &str) -> Option<Memory> {
    let value = |name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
    };
    let free = value("MemFree")?;
    let (buffers, cached) = (value("Buffers").unwrap_or_default(), value("Cached").unwrap_or_default());
    Some(Memory {
        total: value("MemTotal")?,
        free,
        // Kernels before 3.14 do not say it.
        available: value("MemAvailable").unwrap_or(free + buffers + cached),
        buffers,
        cached,
        swap_total: value("SwapTotal").unwrap_or_default(),
        swap_free: value("SwapFree").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kibibytes_become_bytes() {
        let memory =
            parse("MemTotal:  100 kB\nMemFree: 10 kB\nBuffers: 2 kB\nCached: 3 kB\nSwapTotal: 0 kB\n").expect("memory");
        assert_eq!((memory.total, memory.free, memory.available), (102_400, 10_240, 15_360));
        assert_eq!(parse("MemTotal: x kB"), None);
    }
}
